/** UTC dates as text (`2026-03-01`), the calendar of the book. */

const DAY_MS = 86_400_000;

/** The UTC date of a moment in epoch milliseconds. */
export function utcDateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Whole days from one date to another; negative if `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** The latest of some dates. */
export function latestDate(first: string, ...others: readonly string[]): string {
  return others.reduce((latest, date) => (date > latest ? date : latest), first);
}

/** The date some days later. */
export function addDays(date: string, days: number): string {
  return utcDateOf(Date.parse(date) + days * DAY_MS);
}
