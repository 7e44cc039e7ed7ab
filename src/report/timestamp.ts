/** Formats timestamps as ISO 8601 in UTC with whole seconds. */

/** Returns `2026-03-01T00:05:00Z` for epoch milliseconds, truncated to the second. */
export function isoTimestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -5)}Z`;
}

export function isoTimestampOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoTimestamp(atMs);
}
