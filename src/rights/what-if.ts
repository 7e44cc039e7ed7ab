/**
 * Judges recorded answers by another matrix and other modes. The result is exact, because a decision depends only on the
 * classes of the asker and the mask of the resource, and both are recorded.
 */

import type { AskerClass } from './asker.ts';
import { judge } from './decide.ts';
import { type ClassRules, NOT_EVALUATED } from './enforcement.ts';
import type { StateMask } from './state.ts';

/** Answers to askers of one kind about resources with one mask. */
export interface Exposure {
  /** Empty if the client was not recorded. */
  readonly clientId: string;
  readonly class: AskerClass;
  readonly alsoAs: AskerClass | null;
  readonly route: string;
  readonly mask: StateMask;
  readonly isWithheld: boolean;
  readonly answers: number;
  /** Posts that were delivered; 0 if withheld. */
  readonly posts: number;
}

export interface ForecastSums {
  readonly answers: number;
  readonly posts: number;
  /** Answers that were withheld. */
  readonly withheld: number;
  /** Answers that would have been withheld. */
  readonly wouldWithhold: number;
  /** Delivered posts of the answers that would have been withheld. */
  readonly wouldWithholdPosts: number;
  /** Answers whose states were not looked up. Their judgement is that of a resource without states. */
  readonly unread: number;
}

export interface Forecast {
  readonly total: ForecastSums;
  readonly byClass: ReadonlyMap<AskerClass, ForecastSums>;
  readonly byRoute: ReadonlyMap<string, ForecastSums>;
  readonly byClient: ReadonlyMap<string, ForecastSums>;
}

const NO_ANSWERS: ForecastSums = {
  answers: 0,
  posts: 0,
  withheld: 0,
  wouldWithhold: 0,
  wouldWithholdPosts: 0,
  unread: 0,
};

/** Classes in shadow mode would withhold nothing. */
export function forecast(exposures: Iterable<Exposure>, rules: ClassRules): Forecast {
  let total = NO_ANSWERS;
  const byClass = new Map<AskerClass, ForecastSums>();
  const byRoute = new Map<string, ForecastSums>();
  const byClient = new Map<string, ForecastSums>();
  for (const exposure of exposures) {
    const sums = sumsOf(exposure, rules);
    total = sumOf(total, sums);
    addTo(byClass, exposure.class, sums);
    addTo(byRoute, exposure.route, sums);
    addTo(byClient, exposure.clientId, sums);
  }
  return { total, byClass, byRoute, byClient };
}

function sumsOf(exposure: Exposure, rules: ClassRules): ForecastSums {
  const { answers, posts, isWithheld, mask, class: own, alsoAs } = exposure;
  const judgement = judge(alsoAs === null ? { class: own } : { class: own, alsoAs }, mask, rules);
  const isForecast = judgement.kind === 'withhold' && judgement.mode === 'enforce';
  return {
    answers,
    posts,
    withheld: isWithheld ? answers : 0,
    wouldWithhold: isForecast ? answers : 0,
    wouldWithholdPosts: isForecast ? posts : 0,
    unread: (mask & NOT_EVALUATED) === 0 ? 0 : answers,
  };
}

function addTo<Key>(sums: Map<Key, ForecastSums>, key: Key, more: ForecastSums): void {
  sums.set(key, sumOf(sums.get(key) ?? NO_ANSWERS, more));
}

function sumOf(a: ForecastSums, b: ForecastSums): ForecastSums {
  return {
    answers: a.answers + b.answers,
    posts: a.posts + b.posts,
    withheld: a.withheld + b.withheld,
    wouldWithhold: a.wouldWithhold + b.wouldWithhold,
    wouldWithholdPosts: a.wouldWithholdPosts + b.wouldWithholdPosts,
    unread: a.unread + b.unread,
  };
}
