/** Unknown callers as groups need them: usage by hour, traits by day, and minutes of many callers added up. */

import type { PostsAt } from '../tariff/posts.ts';

/** What the ledger keeps of a caller beside its usage. Values are text that the caller chose: show them as text only. */
export type CallerTrait = 'user_agent' | 'route';

export interface TraitSums {
  readonly clientId: string;
  readonly trait: CallerTrait;
  /** The route's name is empty for responses that no route matched, the user agent for requests without one. */
  readonly value: string;
  readonly requests: number;
  readonly posts: number;
}

/** Additions of one UTC day. Nothing is billed from them. */
export interface CallerDay extends TraitSums {
  /** Start of the day, epoch milliseconds. */
  readonly dayMs: number;
}

/** Usage of an unknown caller or of a range of callers in one UTC hour. */
export interface CallerHour {
  readonly clientId: string;
  /** Start of the hour, even if the asked range covers only a part of it. */
  readonly hourMs: number;
  readonly posts: number;
  readonly requests: number;
}

/** One caller in one of the groups whose minutes are added up. */
export interface GroupMember {
  readonly group: number;
  readonly clientId: string;
}

export interface CallerLedger {
  /** Usage in [fromMs, toMs) by caller and hour, one page per hour. */
  hours(fromMs: number, toMs: number): AsyncIterable<readonly CallerHour[]>;
  /** Sums over the days that overlap [fromMs, toMs). */
  traits(fromMs: number, toMs: number): Promise<readonly TraitSums[]>;
  /** Posts of each group in [fromMs, toMs) by bucket, in order of time. */
  minutes(
    members: readonly GroupMember[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<number, readonly PostsAt[]>>;
}
