/** Errors in the routes of a configuration, and how they are collected. */

export interface RouteProblem {
  /** The path to the faulty field, starting at the list of routes: `[0, 'posts', 1, 'where']`. */
  readonly at: ReadonlyArray<string | number>;
  /** Reason and fix. */
  readonly message: string;
}

/** A text in a route is not valid. The message contains reason and fix. */
export class RouteFault extends Error {}

/** A fault in a text. @param index of the faulty part in the text. */
export function faultAt(text: string, index: number, reason: string): RouteFault {
  return new RouteFault(`${JSON.stringify(text)} at position ${index + 1}: ${reason}`);
}

/** Collects all errors, so that they are reported together. The result of compiling is valid only without errors. */
export class RouteProblems {
  readonly list: RouteProblem[];
  readonly #place: RouteProblem['at'];

  constructor(list: RouteProblem[] = [], place: RouteProblem['at'] = []) {
    this.list = list;
    this.#place = place;
  }

  /** Adds to the same list, below this place. */
  below(...place: RouteProblem['at']): RouteProblems {
    return new RouteProblems(this.list, [...this.#place, ...place]);
  }

  add(at: RouteProblem['at'], message: string): void {
    this.list.push({ at: [...this.#place, ...at], message });
  }

  /** The result of a parser; null if it throws a `RouteFault`, which is recorded. */
  read<T>(at: RouteProblem['at'], parse: () => T): T | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof RouteFault)) throw error;
      this.add(at, error.message);
      return null;
    }
  }
}
