/** Prints a list as a table, JSON or CSV. It implements `--format` of the commands that print lists. */

import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import { type Cell, csvLines } from '../../report/csv.ts';

export interface PrintedColumn<Row> {
  readonly name: string;
  cell(row: Row): Cell;
  /** True: the table omits the column, because it has to fit a terminal. */
  readonly isWide?: boolean;
}

export interface Listing<Row> {
  /** Name of the list in the JSON output. */
  readonly key: string;
  readonly columns: readonly PrintedColumn<Row>[];
  /** Sentence printed instead of an empty table. */
  readonly empty: string;
}

export type OutputFormat = 'table' | 'json' | 'csv';

export function formatOption(): Option {
  return new Option('--format <format>', 'output format').choices(['table', 'json', 'csv']).default('table');
}

export function printRows<Row>(
  command: Command,
  format: OutputFormat,
  listing: Listing<Row>,
  rows: readonly Row[],
): void {
  command.configureOutput().writeOut?.(`${WRITERS[format](listing, rows)}\n`);
}

type Writer = <Row>(listing: Listing<Row>, rows: readonly Row[]) => string;

const WRITERS: Readonly<Record<OutputFormat, Writer>> = {
  table: (listing, rows) => (rows.length === 0 ? listing.empty : asTable(listing, rows)),
  json: ({ key }, rows) => JSON.stringify({ [key]: rows }, null, 2),
  csv: ({ columns }, rows) =>
    csvLines([
      columns.map(({ name }) => name),
      ...rows.map((row) => columns.map(({ cell }) => cell(row))),
    ]).trimEnd(),
};

function asTable<Row>({ columns }: Listing<Row>, rows: readonly Row[]): string {
  const shown = columns.filter(({ isWide }) => isWide !== true);
  const isNumber = shown.map(({ cell }) => rows.some((row) => isFigure(cell(row))));
  const table = new Table({
    head: shown.map(({ name }) => name),
    colAligns: isNumber.map((right) => (right ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
  for (const row of rows) table.push(shown.map(({ cell }) => text(cell(row))));
  return table.toString();
}

function isFigure(cell: Cell): boolean {
  return typeof cell === 'number' || (typeof cell === 'object' && cell !== null);
}

function text(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return cell.toLocaleString('en');
  return typeof cell === 'string' ? cell : cell.figure;
}
