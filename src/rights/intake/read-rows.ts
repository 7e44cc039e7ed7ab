/** Reads settings from NDJSON or CSV, and names every fault with its row. */

import { type CsvError, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import type { NewSetting } from '../setting.ts';
import type { SettingRowSchema } from './setting-row.ts';

/** A fault in a row; rows are counted from 1, without the header. */
export interface RowFault {
  readonly row: number;
  readonly issue: z.core.$ZodIssue;
}

/** A batch of rows. */
export interface ReadRows {
  readonly settings: readonly NewSetting[];
  /** At most `MAX_FAULTS` over all batches. */
  readonly faults: readonly RowFault[];
}

/** A caller who fixes these finds the others next. */
const MAX_FAULTS = 50;

/** Columns of a file. The last three may be missing. */
export const CSV_COLUMNS = ['kind', 'scope', 'name', 'state', 'value', 'effective_at', 'ref'] as const;
const REQUIRED_COLUMNS = CSV_COLUMNS.slice(0, 4);

/** Rows that are read at a time. The caller may let other work run in between. */
const BATCH = 1_000;

export function* readNdjson(text: string, schema: SettingRowSchema): Generator<ReadRows> {
  const lines = text.split('\n').map((line, at) => ({ row: at + 1, line: line.trim() }));
  yield* read(
    lines.filter(({ line }) => line !== ''),
    ({ row, line }) => {
      const given = jsonOf(line);
      return given === undefined ? [{ row, issue: NOT_JSON }] : checked(row, given, schema);
    },
  );
}

/** The first row names the columns, in any order. */
export function* readCsv(text: string, schema: SettingRowSchema): Generator<ReadRows> {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: columnsOf, skip_empty_lines: true });
  } catch (error) {
    yield { settings: [], faults: [csvFault(error as CsvError)] };
    return;
  }
  yield* read(
    rows.map((row, at) => ({ row: at + 1, given: fieldsOf(row) })),
    ({ row, given }) => checked(row, given, schema),
  );
}

/** Stops after the batch that reaches `MAX_FAULTS`. */
function* read<Row>(
  rows: readonly Row[],
  check: (row: Row) => NewSetting | readonly RowFault[],
): Generator<ReadRows> {
  let left = MAX_FAULTS;
  for (let from = 0; from < rows.length && left > 0; from += BATCH) {
    const settings: NewSetting[] = [];
    const faults: RowFault[] = [];
    for (const row of rows.slice(from, from + BATCH)) {
      const found = check(row);
      if ('subject' in found) settings.push(found);
      else faults.push(...found);
    }
    yield { settings, faults: faults.slice(0, left) };
    left -= faults.length;
  }
}

function checked(row: number, given: unknown, schema: SettingRowSchema): NewSetting | RowFault[] {
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : parsed.error.issues.map((issue) => ({ row, issue }));
}

/** Returns undefined if the line is not JSON. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

function columnsOf(header: readonly string[]): string[] {
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name) => !CSV_COLUMNS.some((column) => column === name));
  const missing = REQUIRED_COLUMNS.filter((column) => !names.includes(column));
  if (unknown.length > 0) throw new HeaderError(`has the unknown columns ${unknown.join(', ')}`);
  if (missing.length > 0) throw new HeaderError(`lacks the columns ${missing.join(', ')}`);
  return names;
}

/** An empty field of an optional column is absent. */
function fieldsOf(row: Readonly<Record<string, string>>): Record<string, string> {
  const { effective_at: effectiveAt, ...rest } = row;
  const fields = { ...rest, ...(effectiveAt === undefined ? {} : { effectiveAt }) };
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== '' || name === 'name' || name === 'state'),
  );
}

function csvFault(error: CsvError | HeaderError): RowFault {
  if (error instanceof HeaderError) {
    return { row: 0, issue: custom(error.message, `begin the file with ${CSV_COLUMNS.join(',')}`) };
  }
  return {
    row: Number(error.records ?? 0) + 1,
    issue: custom(`is not well-formed CSV: ${error.message}`, 'quote fields as RFC 4180 describes'),
  };
}

function custom(message: string, hint: string): z.core.$ZodIssue {
  return { code: 'custom', path: [], message, params: { hint }, input: undefined };
}

const NOT_JSON = custom('is not well-formed JSON', 'send one JSON object in each line');
