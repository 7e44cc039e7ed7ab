/** CSV for spreadsheets (RFC 4180, with a header row): text can never become a formula there, numbers stay numbers. */

import { stringify } from 'csv-stringify/sync';

/** A text cell, or a figure that we made ourselves (a count, or an amount in decimal form), or nothing. */
export type Cell = string | number | Figure | null;

/** A decimal figure: the one kind of string that may begin with a minus sign. */
export interface Figure {
  readonly figure: string;
}

/** Throws a RangeError for what is no decimal figure, so that no text comes in by this way. */
export function figure(text: string): Figure {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new RangeError(`not a decimal figure: ${text}`);
  return { figure: text };
}

/** The rows as CSV lines. */
export function csvLines(rows: ReadonlyArray<readonly Cell[]>): string {
  return stringify(
    rows.map((row) => row.map(plain)),
    // By itself it quotes the line end that it writes, but not another within a cell.
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
}

function plain(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return typeof cell === 'string' ? defused(cell) : cell.figure;
}

/**
 * A spreadsheet takes a cell for a formula by its first character (OWASP, "CSV Injection"; the full-width forms are
 * taken likewise by some); an apostrophe before it makes it text. Blanks before it do not help.
 */
function defused(text: string): string {
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
