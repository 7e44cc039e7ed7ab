/** The fields of an access log line that reconciliation needs, in any log format, and how they are parsed. */

import { parseLogTime } from './log-time.ts';

export interface LogLine {
  /** End of the response by the upstream's clock, epoch milliseconds. */
  readonly atMs: number;
  /** The client's id; null if the line has none. */
  readonly clientId: string | null;
  /** An address, or several as in X-Forwarded-For; null if the line has none. */
  readonly address: string | null;
  /** Null if the line does not have it. */
  readonly posts: number | null;
  readonly status: number | null;
  /** Null if the line does not have it. */
  readonly bytes: number | null;
  /** In upper case; null if the line does not have it. */
  readonly method: string | null;
}

export type ParsedLine =
  | { readonly ok: true; readonly line: LogLine }
  | { readonly ok: false /** Names the field and what is wrong with it. */; readonly reason: string };

export type ParseLine = (text: string) => ParsedLine;

/** The fields that are read, as formats and options name them. */
export const LOG_FIELDS = ['time', 'client', 'address', 'posts', 'status', 'bytes', 'method'] as const;
export type LogField = (typeof LOG_FIELDS)[number];

/** The ids that the directory allows. */
const CLIENT_ID = /^[a-zA-Z0-9:._/-]{1,128}$/;
const QUOTED_CHARACTERS = 60;

/**
 * An absent field is null, `-` or empty, as nginx and Apache write it.
 * @param raw returns a field as it is in the line; undefined if it is absent.
 */
export function readLine(raw: (field: LogField) => unknown): ParsedLine {
  const time = present(raw('time'));
  const atMs = time === null ? null : parseLogTime(time);
  if (atMs === null) return fault('time', raw('time'), 'is not a time with a time zone');
  const clientId = present(raw('client'));
  if (clientId !== null && !CLIENT_ID.test(clientId))
    return fault('client', clientId, 'is not a valid client id');
  const posts = readCount(raw('posts'));
  if (posts === undefined) return fault('posts', raw('posts'), 'is not a whole number, 0 or more');
  const status = readCount(raw('status'));
  if (status === undefined || (status !== null && (status < 100 || status > 999))) {
    return fault('status', raw('status'), 'is not a valid status');
  }
  const bytes = readCount(raw('bytes'));
  if (bytes === undefined) return fault('bytes', raw('bytes'), 'is not a whole number, 0 or more');
  const address = present(raw('address'));
  const method = present(raw('method'))?.toUpperCase() ?? null;
  return { ok: true, line: { atMs, clientId, address, posts, status, bytes, method } };
}

function present(field: unknown): string | null {
  if (typeof field === 'number') return String(field);
  return typeof field !== 'string' || field === '' || field === '-' ? null : field;
}

/** Null if the field is absent, undefined if it is not a count. */
function readCount(field: unknown): number | null | undefined {
  if (field === undefined || field === null || field === '' || field === '-') return null;
  if (typeof field === 'string' && !/^\d{1,16}$/.test(field)) return undefined;
  const count = typeof field === 'string' || typeof field === 'number' ? Number(field) : Number.NaN;
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function fault(field: string, found: unknown, reason: string): ParsedLine {
  if (found === undefined || found === null || found === '' || found === '-') {
    return { ok: false, reason: `${field}: is missing` };
  }
  return { ok: false, reason: `${field}: ${quote(found)} ${reason}` };
}

function quote(found: unknown): string {
  const text = typeof found === 'string' ? found : (JSON.stringify(found) ?? String(found));
  return quoteText(text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}...` : text);
}

/** Quotes log text for a terminal. Clients control that text, so the result contains no control character. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, '?');
}
