/** Counters of this process by route and outcome: a few increments per response, read on request. */

import type { UncountedReason } from '../../count/uncounted.ts';
import type { CountingOutcome, RouteSums } from './port.ts';

interface Cell {
  responses: number;
  posts: number;
  bytes: number;
  /** The part that `take` has already returned. */
  taken: { responses: number; posts: number; bytes: number };
}

const newCell = (): Cell => ({
  responses: 0,
  posts: 0,
  bytes: 0,
  taken: { responses: 0, posts: 0, bytes: 0 },
});

/** Counters of one route. Outcomes that every response may have are fields; rare ones are in a map. */
export class RouteCounter {
  readonly route: string;
  readonly counted = newCell();
  readonly empty = newCell();
  readonly none = newCell();
  readonly rare = new Map<CountingOutcome, Cell>();

  constructor(route: string) {
    this.route = route;
  }

  /** Counts a finished response, minus what `ran` already counted. */
  ended(outcome: CountingOutcome, posts: number, bytes: number): void {
    const cell =
      outcome === 'counted' || outcome === 'empty' || outcome === 'none' ? this[outcome] : this.of(outcome);
    cell.responses++;
    cell.posts += posts;
    cell.bytes += bytes;
  }

  /** Adds posts of a stream that is still running. */
  ran(posts: number, bytes: number): void {
    this.counted.posts += posts;
    this.counted.bytes += bytes;
  }

  of(outcome: CountingOutcome): Cell {
    let cell = this.rare.get(outcome);
    if (cell === undefined) {
      cell = newCell();
      this.rare.set(outcome, cell);
    }
    return cell;
  }
}

/** Counters by route. Routes come from the configuration and outcomes from our own codes, so the maps are bounded. */
export class RouteCounts {
  readonly #routes = new Map<string, RouteCounter>();

  /** @param route the route's name, or `NO_ROUTE`. */
  of(route: string): RouteCounter {
    let counter = this.#routes.get(route);
    if (counter === undefined) {
      counter = new RouteCounter(route);
      this.#routes.set(route, counter);
    }
    return counter;
  }

  /** Sums since the start of the process. */
  sums(): RouteSums[] {
    return this.#cells().map(([route, outcome, { responses, posts, bytes }]) => ({
      route,
      outcome,
      responses,
      posts,
      bytes,
    }));
  }

  /** Sums since the last take. */
  take(): RouteSums[] {
    return this.#cells().flatMap(([route, outcome, cell]) => {
      const { responses, posts, bytes, taken } = cell;
      cell.taken = { responses, posts, bytes };
      const sums = {
        responses: responses - taken.responses,
        posts: posts - taken.posts,
        bytes: bytes - taken.bytes,
      };
      const isChanged = sums.responses > 0 || sums.posts > 0 || sums.bytes > 0;
      return isChanged ? [{ route, outcome, ...sums }] : [];
    });
  }

  #cells(): [string, CountingOutcome, Cell][] {
    return [...this.#routes].flatMap(([route, { counted, empty, none, rare }]) => {
      const all: [CountingOutcome, Cell][] = [
        ['counted', counted],
        ['empty', empty],
        ['none', none],
        ...rare,
      ];
      return all
        .filter(([, cell]) => cell.responses > 0 || cell.posts > 0)
        .map(([outcome, cell]): [string, CountingOutcome, Cell] => [route, outcome, cell]);
    });
  }
}

/**
 * Returns the outcome of a response.
 * @param counts false if nothing in the response had to be counted.
 * @param hasPosts also true for a stream whose posts were counted while it ran.
 * @param whole false if client or upstream aborted.
 */
export function outcomeOf(
  uncounted: UncountedReason | undefined,
  counts: boolean,
  hasPosts: boolean,
  status: number,
  whole: boolean,
): CountingOutcome {
  if (uncounted !== undefined) return uncounted;
  if (hasPosts) return 'counted';
  const isAnswer = counts && whole && (status === 101 || (status >= 200 && status <= 299));
  return isAnswer ? 'empty' : 'none';
}
