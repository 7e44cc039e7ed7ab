/**
 * Parses lines in the common or combined log format with a column of posts: `host ident user [time] "request" status
 * bytes ... posts`. Blanks separate columns; a column that contains blanks is in quotes or brackets.
 */

import { type ParsedLine, type ParseLine, readLine } from './log-line.ts';

/** Columns are counted from 1. */
export interface CommonColumns {
  readonly posts: number | 'last';
  /** `none`: the line does not name its client. */
  readonly client: number | 'none';
  readonly address: number | 'none';
}

/** The columns of the format itself. */
const TIME = 4;
const REQUEST = 5;
const STATUS = 6;
const BYTES = 7;

/** A quoted column writes \" for a quote; a column in brackets ends at the first ]. */
const COLUMN = /"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)/y;

export function commonLogParser(columns: CommonColumns): ParseLine {
  return (text) => {
    const found = columnsOf(text);
    if (found === null) return { ok: false, reason: 'a quote or bracket is not closed' };
    const postsAt = columns.posts === 'last' ? found.length : columns.posts;
    // Otherwise the byte count, which ends the plain format, would be counted as posts.
    if (postsAt <= BYTES) return missing(found.length);
    if (found.length < Math.max(BYTES, postsAt)) return missing(found.length);
    const at = (column: number | 'none') => (column === 'none' ? undefined : found[column - 1]);
    return readLine({
      time: at(TIME),
      client: at(columns.client),
      address: at(columns.address),
      posts: at(postsAt),
      status: at(STATUS),
      bytes: at(BYTES),
      method: at(REQUEST)?.split(' ', 1)[0],
    });
  };
}

function missing(columns: number): ParsedLine {
  return { ok: false, reason: `posts: is missing; the line has ${columns} columns` };
}

/** Null if a column begins with a quote or a bracket that is not closed. */
function columnsOf(text: string): string[] | null {
  const columns: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at++;
      continue;
    }
    COLUMN.lastIndex = at;
    const match = COLUMN.exec(text);
    if (match === null) return null;
    const [whole, quoted, bracketed, plain] = match;
    if (plain !== undefined && /^["[]/.test(plain)) return null;
    columns.push(quoted === undefined ? (bracketed ?? plain!) : unescaped(quoted));
    at += whole.length;
  }
  return columns;
}

/** Apache writes \" and \\, nginx \xHH; the fields that are read are ASCII. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex: string | undefined, plain: string) =>
    hex === undefined ? plain : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
