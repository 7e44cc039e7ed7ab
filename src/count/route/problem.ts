/** Errors in the routes of a configuration. */

export interface RouteProblem {
  /** The path to the faulty field, starting at the list of routes: `[0, 'posts', 1, 'where']`. */
  readonly at: ReadonlyArray<string | number>;
  /** Reason and fix. */
  readonly message: string;
}

/** The result of compiling the entries of a route's `posts`. In its problems, `at` begins with an entry's index. */
export type PlanResult<Plan> =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };
