/** UTC dates as text, `2026-03-01`, in which books are kept. Text of this form compares as its dates do. */

const DAY_MS = 86_400_000;

/** The UTC date of a time in epoch milliseconds. */
export function dayAt(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Days from `from` to `to`; negative if `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** The date `days` later; earlier if negative. */
export function addDays(day: string, days: number): string {
  return dayAt(Date.parse(day) + days * DAY_MS);
}
