/** What a report is: its formula, its columns, and its rows as plain cells for JSON, CSV, pages and the command line. */

import type { Cell } from '../csv.ts';
import { figure } from '../csv.ts';
import type { FinanceBooks, ReportQuery } from './port.ts';

/**
 * `month`: `2026-03`. `date`: a UTC date. `amount`: decimal text in the currency of the row. `count`: an integer.
 * `decimal`: decimal text that is not money. `client`, `seller` and `document` are ids or numbers that link.
 */
type ColumnKind =
  | 'text'
  | 'client'
  | 'seller'
  | 'document'
  | 'month'
  | 'date'
  | 'amount'
  | 'count'
  | 'decimal';

export interface ReportColumn<Row> {
  readonly name: string;
  readonly label: string;
  readonly kind: ColumnKind;
  /** True: the sum over rows of one currency says something. */
  readonly isSummed: boolean;
  readonly cell: (row: Row) => string | number | null;
}

/** Bars: of the one figure by month, or of figures of the totals. */
export interface ReportChart {
  readonly isByMonth: boolean;
  /** Names of columns. */
  readonly values: readonly string[];
}

export type ReportCells = Readonly<Record<string, string | number | null>>;

/** The parameters of `ReportQuery` that a report reads. */
export type ReportParameter = 'range' | 'asAt' | 'currency' | 'seller' | 'client';

interface ReportOf<Row> {
  readonly title: string;
  /** The question that it answers. */
  readonly question: string;
  /** How each figure is computed, in sentences. */
  readonly formula: readonly string[];
  readonly parameters: readonly ReportParameter[];
  readonly chart: ReportChart | null;
  readonly columns: ReadonlyArray<ReportColumn<Row>>;
  /** Parts of bounded size, or one part. */
  readonly rows: (books: FinanceBooks, query: ReportQuery) => AsyncIterable<readonly Row[]>;
}

export interface Report extends Omit<ReportOf<never>, 'columns' | 'rows'> {
  readonly columns: ReadonlyArray<Omit<ReportColumn<never>, 'cell'>>;
  readonly rows: (books: FinanceBooks, query: ReportQuery) => AsyncIterable<readonly ReportCells[]>;
}

export function reportOf<Row>({ columns, rows, ...about }: ReportOf<Row>): Report {
  return {
    ...about,
    columns: columns.map(({ cell: _, ...column }) => column),
    async *rows(books, query) {
      for await (const part of rows(books, query)) {
        yield part.map((row) => Object.fromEntries(columns.map(({ name, cell }) => [name, cell(row)])));
      }
    },
  };
}

/** The cells of a row for CSV: figures are numbers there. */
export function csvCellsOf(columns: Report['columns'], row: ReportCells): Cell[] {
  return columns.map(({ name, kind }) => {
    const value = row[name] ?? null;
    return typeof value === 'string' && (kind === 'amount' || kind === 'decimal') ? figure(value) : value;
  });
}
