/** Parses the time of a log line: `$time_local`, `$time_iso8601`, epoch seconds (`$msec`) or epoch milliseconds. */

const LOCAL = /^\[?(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})\]?$/;
const ISO = /^(\d{4}-\d{2}-(\d{2})[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)(Z|[+-]\d{2}:?\d{2})$/;
const EPOCH = /^\d{1,13}(?:\.\d{1,9})?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As seconds this is the year 5138, as milliseconds 1973, so no value of a log is ambiguous. */
const FIRST_MILLISECONDS = 100_000_000_000;
const LAST_MS = Date.UTC(9999, 0);

/** Many lines share one second: caching the last text saves a third of a line's time. */
let lastText = '';
let lastMs: number | null = null;

/** Epoch milliseconds, fractions truncated. Null if the text is not such a time, has no zone or does not exist. */
export function parseLogTime(text: string): number | null {
  if (text === lastText) return lastMs;
  lastMs = timestampOf(text);
  lastText = text;
  return lastMs;
}

function timestampOf(text: string): number | null {
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
  const [, dateTime = '', day, zone = ''] = match;
  const plain = dateTime.replace(' ', 'T').replace(',', '.');
  // A 60th second is a leap second, which neither the date parser nor epoch time supports.
  const known = plain.replace(/:60(?=\.|$)/, ':59');
  // The parser turns 30 February into a day in March. A date that does not exist must not become another one.
  if (new Date(`${known}Z`).getUTCDate() !== Number(day)) return null;
  return inRange(Date.parse(`${known}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`));
}

function inRange(atMs: number): number | null {
  return atMs >= 0 && atMs < LAST_MS ? Math.floor(atMs) : null;
}
