/** How a moment is written for people and machines: ISO 8601, UTC, whole seconds. */

/** `2026-03-01T00:05:00Z` for epoch milliseconds; a fraction of a second is cut off. */
export function isoMoment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -5)}Z`;
}

export function isoMomentOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoMoment(atMs);
}
