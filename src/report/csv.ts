/** CSV for spreadsheets (RFC 4180, with a header row). Text cannot become a formula, and numbers stay numbers. */

import { stringify } from 'csv-stringify/sync';

/** A text cell, a figure that we made (a count, or an amount in decimal form), or an empty cell. */
export type Cell = string | number | CsvFigure | null;

/** A decimal figure, the only kind of string that may begin with a minus sign. */
export interface CsvFigure {
  readonly figure: string;
}

/** Throws a RangeError for text that is not a decimal figure, so that no other text bypasses the escaping. */
export function figure(text: string): CsvFigure {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new RangeError(`not a decimal figure: ${text}`);
  return { figure: text };
}

/** Formats rows as CSV lines. */
export function csvLines(rows: ReadonlyArray<readonly Cell[]>): string {
  return stringify(
    rows.map((row) => row.map(plain)),
    // By default the library quotes the line end that it writes, but no other line end within a cell.
    { record_delimiter: 'windows', quoted_match: /[\r\n]/ },
  );
}

function plain(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return typeof cell === 'string' ? defused(cell) : cell.figure;
}

/**
 * Prefixes text that a spreadsheet would read as a formula with an apostrophe (OWASP, "CSV Injection"). The first
 * character decides, even after leading blanks; some programs also accept the full-width forms.
 */
function defused(text: string): string {
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
