/** Levels: which shares of its threshold a client has reached, with a return so that a trembling total tells once. */

import { isoTimestampOrNull } from '../report/timestamp.ts';
import { formatMoney } from '../tariff/money.ts';
import type { DamagesTariff } from '../tariff/tariff.ts';
import { levelEventType, type NewEvent } from './event.ts';

/** In percent of the threshold. */
export const DEFAULT_LEVELS: readonly number[] = [80, 95, 100];
/** A level counts as left when the total is this many percentage points below it. */
const RETURN_POINTS = 10;

export interface LevelChanges {
  /** Levels that the total rose over, in ascending order. */
  readonly risen: readonly number[];
  /** Levels that the total fell below by the return. */
  readonly left: readonly number[];
  /** Levels that no longer apply: they were removed, or the client has no threshold any more. They make no event. */
  readonly forgotten: readonly number[];
}

/**
 * Compares a client's total with its levels.
 * @param reached the levels that it had reached before.
 * @param threshold null if its tariff has none.
 */
export function judgeLevels(
  levels: readonly number[],
  reached: readonly number[],
  total: number,
  threshold: number | null,
): LevelChanges {
  if (threshold === null) return { risen: [], left: [], forgotten: reached };
  const isOver = (percent: number) => total * 100 > percent * threshold;
  const known = reached.filter((level) => levels.includes(level));
  return {
    risen: levels.filter((level) => !reached.includes(level) && isOver(level)).sort((a, b) => a - b),
    left: known.filter((level) => !isOver(returnOf(level))).sort((a, b) => a - b),
    forgotten: reached.filter((level) => !levels.includes(level)),
  };
}

/** Low levels return at half of themselves, because ten points below 10 % no total can be. */
function returnOf(level: number): number {
  return Math.max(level - RETURN_POINTS, level / 2);
}

/** What the ledger knows of the client at the moment of the change. */
export interface LevelFacts {
  readonly clientId: string;
  readonly name: string;
  readonly total: number;
  readonly postsLastHour: number;
  /** Since when it is over the threshold, or when it will be at this pace; null if unknown or never. */
  readonly overAtMs: number | null;
  readonly tariff: DamagesTariff;
  readonly atMs: number;
}

/** One event for each level that was risen over, and one for the lowest of those that were left. */
export function levelEvents(
  { risen, left }: Pick<LevelChanges, 'risen' | 'left'>,
  facts: LevelFacts,
): NewEvent[] {
  const { clientId, name, total, postsLastHour, overAtMs, tariff, atMs } = facts;
  const levelEvent = (type: string, level: number): NewEvent => ({
    type,
    subject: `clients/${clientId}`,
    clientId,
    atMs,
    data: {
      client: clientId,
      name,
      level,
      total,
      threshold: tariff.threshold,
      percent: Math.floor((total * 1000) / tariff.threshold) / 10,
      windowSeconds: tariff.windowSeconds,
      postsLastHour,
      overAt: isoTimestampOrNull(overAtMs),
      price: formatMoney(tariff.priceMinor, tariff.currency),
      block: tariff.block,
      currency: tariff.currency,
    },
  });
  const events = risen.map((level) => levelEvent(levelEventType(level), level));
  return left.length === 0 ? events : [levelEvent('client.fell_back', Math.min(...left)), ...events];
}
