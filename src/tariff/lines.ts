/** Line items: billed posts, priced by the version in force at their bucket. */

import type { PostsAt } from './posts.ts';
import { amountOf } from './rating.ts';
import type { Charge, Tariff } from './tariff.ts';
import type { Period } from './timeline.ts';

/** Posts billed at one price. */
export interface RatedLine extends Charge {
  /** The first version at this price with billed posts. */
  readonly tariffVersionId: string;
  /** Start of the first bucket with billed posts, and end of the last one. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly posts: number;
  readonly amountMinor: bigint;
}

/**
 * Returns one line per run of consecutive versions with the same count, price, block, rounding and currency. Each
 * line is rounded once. `billed` must be in order of time and within `periods`.
 */
export function rateLines(
  billed: readonly PostsAt[],
  periods: readonly Period<Tariff & Charge>[],
  bucketMs: number,
): RatedLine[] {
  const lines: RatedLine[] = [];
  let period = 0;
  let line: Omit<RatedLine, 'amountMinor'> | undefined;
  const close = () => {
    if (line !== undefined) lines.push({ ...line, amountMinor: amountOf(line.posts, line) });
    line = undefined;
  };
  for (const { bucketMs: atMs, posts } of billed) {
    while (periods[period]!.toMs <= atMs) {
      if (!continues(periods[period]!, periods[period + 1])) close();
      period++;
    }
    const { tariff, versionId } = periods[period]!;
    line = {
      tariffVersionId: line?.tariffVersionId ?? versionId,
      fromMs: line?.fromMs ?? atMs,
      toMs: atMs + bucketMs,
      posts: (line?.posts ?? 0) + posts,
      count: tariff.count,
      priceMinor: tariff.priceMinor,
      block: tariff.block,
      rounding: tariff.rounding,
      currency: tariff.currency,
    };
  }
  close();
  return lines;
}

/** Sum of the lines in minor units. */
export function sumOfLines(lines: ReadonlyArray<{ readonly amountMinor: bigint }>): bigint {
  return lines.reduce((sum, line) => sum + line.amountMinor, 0n);
}

function continues(a: Period<Tariff & Charge>, b: Period<Tariff & Charge> | undefined): boolean {
  return (
    b !== undefined &&
    a.toMs === b.fromMs &&
    a.tariff.count === b.tariff.count &&
    a.tariff.priceMinor === b.tariff.priceMinor &&
    a.tariff.block === b.tariff.block &&
    a.tariff.rounding === b.tariff.rounding &&
    a.tariff.currency === b.tariff.currency
  );
}
