/** Parses times in files and options: ISO 8601 with a time zone, or epoch seconds. */

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;
const EPOCH_SECONDS = /^\d{1,12}(?:\.\d{1,9})?$/;
/** Years 1970 to 9999. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export type ParsedTimestamp =
  | { readonly ok: true; readonly atMs: number }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

const HINT = 'use ISO 8601 with a time zone, such as 2026-03-01T00:10:00Z, or epoch seconds';

/** Parses to epoch milliseconds. A time without a zone is refused, because it could be any of 26 hours. */
export function parseTimestamp(text: string): ParsedTimestamp {
  if (EPOCH_SECONDS.test(text)) return inRange(Math.floor(Number(text) * 1000));
  const match = ISO.exec(text);
  if (match === null) {
    const reason = /^\d{13,}$/.test(text) ? 'is too large for epoch seconds' : 'is not a date with a time';
    return { ok: false, reason, hint: HINT };
  }
  const zone = match[8];
  if (zone === undefined)
    return { ok: false, reason: 'has no time zone', hint: 'end it with Z or an offset' };
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(match[6] ?? 0);
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  // Date.UTC rolls 30 February over into March, so check that the date exists.
  const exists =
    new Date(localMs).getUTCDate() === day && month <= 12 && hour < 24 && minute < 60 && second < 60;
  const offset = offsetMs(zone);
  if (!exists || offset === undefined) return { ok: false, reason: 'does not exist', hint: HINT };
  return inRange(localMs - offset);
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function inRange(atMs: number): ParsedTimestamp {
  if (atMs < 0 || atMs > LAST_MS) {
    return { ok: false, reason: 'is out of range', hint: 'use a time from 1970 to 9999' };
  }
  return { ok: true, atMs };
}
