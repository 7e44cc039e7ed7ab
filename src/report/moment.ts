/** Formats timestamps as ISO 8601 in UTC with whole seconds. */

/** Returns `2026-03-01T00:05:00Z` for epoch milliseconds, truncated to the second. */
export function isoMoment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -5)}Z`;
}

export function isoMomentOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoMoment(atMs);
}
