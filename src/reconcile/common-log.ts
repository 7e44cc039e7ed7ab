/**
 * Parses lines in the common or combined log format with a column of posts: `host ident user [time] "request" status
 * bytes ... posts`. Blanks separate columns; a column that contains blanks is in quotes or brackets.
 */

import { type ParseLine, readLine } from './log-line.ts';

/** Columns are counted from 1. */
export interface CommonColumns {
  readonly posts: number | 'last';
  /** `none`: the line does not name its client. */
  readonly client: number | 'none';
  readonly address: number | 'none';
}

/** The columns of the format itself. The request begins with the method. */
const OWN_COLUMNS = { time: 4, method: 5, status: 6, bytes: 7 } as const;

/** A quoted column writes \" for a quote; a column in brackets ends at the first ]. */
const COLUMN = /"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)/y;

export function commonLogParser(columns: CommonColumns): ParseLine {
  return (text) => {
    const found = columnsOf(text);
    if (found === null) return { ok: false, reason: 'a quote or bracket is not closed' };
    const postsAt = columns.posts === 'last' ? found.length : columns.posts;
    // Otherwise the byte count, which ends the plain format, would be counted as posts.
    if (postsAt <= OWN_COLUMNS.bytes || found.length < postsAt) {
      return { ok: false, reason: `posts: is missing; the line has ${found.length} columns` };
    }
    const places = { ...columns, ...OWN_COLUMNS, posts: postsAt };
    return readLine((field) => {
      const column = places[field];
      const text = column === 'none' ? undefined : found[column - 1];
      return field === 'method' ? text?.split(' ', 1)[0] : text;
    });
  };
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
