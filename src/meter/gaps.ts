/**
 * Normalises the gaps of a batch for a ledger: each starts at a distinct time, and has values that a ledger can
 * store. A disk that damages records twice in a minute reports two gaps with the same start.
 */

/** What a gateway served while its journal refused records: recorded, reported, and never billed. */
export interface JournalGap {
  /** Epoch milliseconds UTC of the first and last response that could not be metered. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly responses: number;
  readonly posts: number;
}

/** The end of the year 9999. Ledgers and reports cannot represent later times. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Returns gaps in order of their start. Gaps that start in the same millisecond are merged: responses and posts are
 * added, and the latest end applies. Times are whole milliseconds from 1970 to 9999, figures whole numbers from 0
 * to 2^53 - 1, so that a ledger reads back what it has hashed.
 */
export function mergeGaps(gaps: readonly JournalGap[]): JournalGap[] {
  const byStart = new Map<number, JournalGap>();
  for (const gap of gaps) {
    const one = withinBounds(gap);
    const same = byStart.get(one.fromMs);
    byStart.set(one.fromMs, same === undefined ? one : sumOf(same, one));
  }
  return [...byStart.values()].sort((a, b) => a.fromMs - b.fromMs);
}

function sumOf(a: JournalGap, b: JournalGap): JournalGap {
  return withinBounds({
    fromMs: a.fromMs,
    toMs: Math.max(a.toMs, b.toMs),
    responses: a.responses + b.responses,
    posts: a.posts + b.posts,
  });
}

function withinBounds({ fromMs, toMs, responses, posts }: JournalGap): JournalGap {
  const from = whole(fromMs, LATEST_MS);
  return {
    fromMs: from,
    toMs: Math.max(from, whole(toMs, LATEST_MS)),
    responses: whole(responses, Number.MAX_SAFE_INTEGER),
    posts: whole(posts, Number.MAX_SAFE_INTEGER),
  };
}

function whole(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.floor(value)));
}
