/** The time in a line of a log: `$time_local`, `$time_iso8601`, or epoch seconds (`$msec`) or milliseconds. */

const LOCAL = /^\[?(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})\]?$/;
const ISO = /^(\d{4}-\d{2}-(\d{2})[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)(Z|[+-]\d{2}:?\d{2})$/;
const EPOCH = /^\d{1,13}(?:\.\d{1,9})?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Seconds reach so far in the year 5138, milliseconds in 1973: no log holds what could be taken for the other. */
const FIRST_MILLISECONDS = 100_000_000_000;
const LAST_MS = Date.UTC(9999, 0);

/** Many lines of a log are of one second: reading the text once saves a third of a line's time. */
let lastText = '';
let lastMs: number | null = null;

/** Epoch milliseconds, a fraction cut off. Null for what is no such time, has no zone, or does not exist. */
export function parseLogTime(text: string): number | null {
  if (text === lastText) return lastMs;
  lastMs = momentOf(text);
  lastText = text;
  return lastMs;
}

function momentOf(text: string): number | null {
  if (EPOCH.test(text)) {
    const value = Number(text);
    return inRange(Math.floor(value < FIRST_MILLISECONDS ? value * 1000 : value));
  }
  const local = LOCAL.exec(text);
  if (local === null) return isoMs(text);
  const [, day, month, year, time, hours, minutes] = local;
  const number = MONTHS.indexOf(month!) + 1;
  if (number === 0) return null;
  return isoMs(`${year}-${String(number).padStart(2, '0')}-${day}T${time}${hours}:${minutes}`);
}

function isoMs(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, moment = '', day, zone = ''] = match;
  const plain = moment.replace(' ', 'T').replace(',', '.');
  // A 60th second is of a leap second; the parser of dates knows none, and neither does epoch time.
  const known = plain.replace(/:60(?=\.|$)/, ':59');
  // The parser rolls 30 February over into March; a moment that does not exist must not become another one.
  if (new Date(`${known}Z`).getUTCDate() !== Number(day)) return null;
  return inRange(Date.parse(`${known}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`));
}

function inRange(atMs: number): number | null {
  return atMs >= 0 && atMs < LAST_MS ? Math.floor(atMs) : null;
}
