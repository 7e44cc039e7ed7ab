/** Errors in the routes of a configuration. */

export interface RouteProblem {
  /** The path to the faulty field, starting at the list of routes: `[0, 'posts', 1, 'where']`. */
  readonly at: ReadonlyArray<string | number>;
  /** Reason and fix. */
  readonly message: string;
}

/** An error in the entries of one route's `posts`; `at` begins with the entry's index. */
export type PlanProblem = RouteProblem;

/** What compiling a route's entries results in. */
export type PlanResult<Plan> =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };
