/** What reconciling needs of a line of an access log, whatever form it was written in, and how its fields are read. */

import { parseLogTime } from './log-time.ts';

export interface LogLine {
  /** End of the response by the upstream's clock, epoch milliseconds. */
  readonly atMs: number;
  /** The client's id, where the line has one. */
  readonly clientId: string | null;
  /** An address, or several as in X-Forwarded-For; null where the line has none. */
  readonly address: string | null;
  /** Null where the line does not say. */
  readonly posts: number | null;
  readonly status: number | null;
  /** Null where the line does not say. */
  readonly bytes: number | null;
  /** Null where the line does not say. In upper case. */
  readonly method: string | null;
}

export type ParsedLine =
  | { readonly ok: true; readonly line: LogLine }
  | { readonly ok: false /** Names the field and what is wrong with it. */; readonly reason: string };

export type ParseLine = (text: string) => ParsedLine;

/** The fields as they stand in the line; undefined where they do not. */
export interface RawFields {
  readonly time: unknown;
  readonly client: unknown;
  readonly address: unknown;
  readonly posts: unknown;
  readonly status: unknown;
  readonly bytes: unknown;
  readonly method: unknown;
}

/** Ids as the directory has them. */
const CLIENT_ID = /^[a-zA-Z0-9:._/-]{1,128}$/;
const QUOTED_CHARACTERS = 60;

/** An absent field is null, `-` or empty: what nginx and Apache write for nothing. */
export function readLine(raw: RawFields): ParsedLine {
  const time = present(raw.time);
  const atMs = time === null ? null : parseLogTime(time);
  if (atMs === null) return fault('time', raw.time, 'is no time with its zone');
  const clientId = present(raw.client);
  if (clientId !== null && !CLIENT_ID.test(clientId))
    return fault('client', clientId, 'is no id of a client');
  const posts = readCount(raw.posts);
  if (posts === undefined) return fault('posts', raw.posts, 'is no whole number from 0');
  const status = readCount(raw.status);
  if (status === undefined || (status !== null && (status < 100 || status > 999))) {
    return fault('status', raw.status, 'is no status');
  }
  const bytes = readCount(raw.bytes);
  if (bytes === undefined) return fault('bytes', raw.bytes, 'is no whole number from 0');
  const address = present(raw.address);
  const method = present(raw.method)?.toUpperCase() ?? null;
  return { ok: true, line: { atMs, clientId, address, posts, status, bytes, method } };
}

function present(field: unknown): string | null {
  if (typeof field === 'number') return String(field);
  return typeof field !== 'string' || field === '' || field === '-' ? null : field;
}

/** Null where it is absent, undefined where it is something else than a count. */
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

/** Quotes text of a log for a terminal. Whoever sends a request decides on it: the result has no control character. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, '?');
}
