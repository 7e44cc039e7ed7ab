/** Matches computed breaches to stored ones, so that a breach keeps its id while its stretch changes. */

import type { RatedBreach } from '../tariff/breach.ts';
import { lowerBound } from '../tariff/posts.ts';
import type { Breach } from './model.ts';

/**
 * One computed breach with all stored breaches that are now part of it, earliest first. The first one's id is kept.
 */
export interface Match {
  readonly computed: RatedBreach;
  readonly stored: readonly Breach[];
}

export interface Matches {
  readonly matches: readonly Match[];
  /** Stored breaches of which nothing is left. */
  readonly gone: readonly Breach[];
}

/**
 * Assigns each stored breach to the computed one with which it shares the most time. `computed` must be disjoint
 * and in order of time.
 */
export function matchBreaches(stored: readonly Breach[], computed: readonly RatedBreach[]): Matches {
  const parts = computed.map((): Breach[] => []);
  const gone: Breach[] = [];
  for (const breach of stored.toSorted(byStart)) {
    const index = mostShared(breach, computed);
    if (index === undefined) gone.push(breach);
    else parts[index]!.push(breach);
  }
  return { matches: computed.map((one, index) => ({ computed: one, stored: parts[index]! })), gone };
}

function mostShared(breach: Breach, computed: readonly RatedBreach[]): number | undefined {
  let best: number | undefined;
  let bestMs = 0;
  const first = lowerBound(computed.length, (index) => computed[index]!.stretchToMs <= breach.stretchFromMs);
  for (let index = first; index < computed.length; index++) {
    const { stretchFromMs, stretchToMs } = computed[index]!;
    if (stretchFromMs >= breach.stretchToMs) break;
    const sharedMs =
      Math.min(stretchToMs, breach.stretchToMs) - Math.max(stretchFromMs, breach.stretchFromMs);
    if (sharedMs > bestMs) [best, bestMs] = [index, sharedMs];
  }
  return best;
}

/** Sorts void breaches last, so that a valid breach keeps its id; then by time, then by id. */
function byStart(a: Breach, b: Breach): number {
  const byValidity = Number(a.state === 'void') - Number(b.state === 'void');
  return byValidity || a.stretchFromMs - b.stretchFromMs || (a.id < b.id ? -1 : 1);
}
