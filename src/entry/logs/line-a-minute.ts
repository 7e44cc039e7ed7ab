/** Limits repeated log lines: at most one a minute for each key, with the number of occurrences since the last one. */

const EVERY_MS = 60_000;

interface LastLine {
  atMs: number;
  /** Since the last line. */
  occurrences: number;
}

/**
 * Creates a counter of occurrences. It returns their number since the last line if a line is due, else null.
 * Memory grows with the number of keys, so keys must come from us and not from requests.
 */
export function lineAMinute(nowMs: () => number): (key: string) => number | null {
  const lines = new Map<string, LastLine>();
  return (key) => {
    const last = lines.get(key) ?? { atMs: Number.NEGATIVE_INFINITY, occurrences: 0 };
    lines.set(key, last);
    last.occurrences++;
    const now = nowMs();
    if (now - last.atMs < EVERY_MS) return null;
    const { occurrences } = last;
    last.atMs = now;
    last.occurrences = 0;
    return occurrences;
  };
}
