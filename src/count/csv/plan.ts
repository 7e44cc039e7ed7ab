/** The plan of a table: its form, and the columns that are read for tests and ids. */

import type { RouteProblems } from '../route/problem.ts';
import type { CsvEntry, CsvOptions } from '../route/schema.ts';
import { parseWhere } from '../where.ts';
import { type FieldTest, fieldTest } from '../xml/test.ts';

export interface CsvPlan {
  readonly hasHeader: boolean;
  /** Null for the most frequent separator of the first row. */
  readonly separator: number | null;
  readonly selectors: readonly CsvSelector[];
  /** The columns to read: by name, or by number from 1 if there is no header. */
  readonly columns: readonly string[];
}

export interface CsvSelector {
  /** Index in `columns`; null if the rows have no id. */
  readonly id: number | null;
  readonly where: { readonly column: number; readonly test: FieldTest } | null;
}

const COLUMN_NUMBER = /^[1-9]\d{0,3}$/;

export function compileCsv(
  entries: readonly CsvEntry[],
  options: CsvOptions,
  problems: RouteProblems,
): CsvPlan {
  const columns: string[] = [];
  const columnOf = (name: string, index: number, field: string): number => {
    if (!options.header && !COLUMN_NUMBER.test(name)) {
      const message = `${JSON.stringify(name)} is not a column number, and the table has no header; the first column is "1"`;
      problems.add([index, field], message);
    }
    const known = columns.indexOf(name);
    return known === -1 ? columns.push(name) - 1 : known;
  };
  const selectors = entries.map(({ id, where }, index): CsvSelector => {
    const test = where === undefined ? null : problems.read([index, 'where'], () => parseWhere(where));
    return {
      id: id === undefined ? null : columnOf(id, index, 'id'),
      where: test && { column: columnOf(test.member.join('.'), index, 'where'), test: fieldTest(test) },
    };
  });
  const separator = options.separator?.charCodeAt(0) ?? null;
  return { hasHeader: options.header, separator, selectors, columns };
}
