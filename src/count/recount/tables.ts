/** Finds the posts in complete tables and texts: with csv-parse, and by lines. */

import { parse } from 'csv-parse/sync';
import type { CsvPlan } from '../csv/plan.ts';
import type { PostsEntry } from '../route/schema.ts';
import { MAX_LINE_BYTES, parseLinePattern } from '../text/line-pattern.ts';
import { parseWhere } from '../where.ts';
import { fieldTest } from '../xml/test.ts';
import type { FoundItem } from './found-item.ts';

/** The rows that entries match, each with the first matching entry. */
export function rowsIn(text: string, entries: readonly PostsEntry[], plan: CsvPlan): FoundItem[] {
  const named = /^"?sep=(.)"?[ \t]*[\r\n]+/i.exec(text);
  const rows: string[][] = parse(named === null ? text : text.slice(named[0].length), {
    delimiter: named?.[1] ?? separatorOf(text, plan),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    bom: true,
  });
  const names = plan.hasHeader ? rows.shift()?.map((name) => name.trim()) : undefined;
  const fieldOf = (row: readonly string[], column: string): string =>
    (row[names === undefined ? Number(column) - 1 : names.indexOf(column)] ?? '').trim();
  return rows.flatMap((row): FoundItem[] => {
    if (row.every((value) => value.trim() === '')) return [];
    const rule = entries.findIndex(
      (entry) => 'csv' in entry && passes(entry.where, (name) => fieldOf(row, name)),
    );
    if (rule === -1) return [];
    const entry = entries[rule]!;
    const id = 'csv' in entry && entry.id !== undefined ? fieldOf(row, entry.id) : '';
    return [{ rule, id: id === '' ? undefined : id }];
  });
}

function separatorOf(text: string, { separator }: CsvPlan): string {
  if (separator !== null) return String.fromCharCode(separator);
  const first = text
    .replaceAll(/"(?:[^"]|"")*"/g, '')
    .trimStart()
    .split(/[\r\n]/, 1)[0]!;
  const uses = [',', ';', '\t', '|'].map((one) => ({ one, times: first.split(one).length }));
  return uses.reduce((best, next) => (next.times > best.times ? next : best)).one;
}

function passes(where: string | undefined, fieldOf: (column: string) => string): boolean {
  if (where === undefined) return true;
  const parsed = parseWhere(where);
  const value = fieldOf(parsed.member.join('.'));
  const test = fieldTest(parsed);
  return test.passes(value !== '', test.fits(value));
}

/** The lines that an entry's pattern matches; the whole text if the response is one post. */
export function postsInText(text: string, entries: readonly PostsEntry[]): FoundItem[] {
  if (entries.some((entry) => 'text' in entry && entry.text === 'response')) {
    return text.trim() === '' ? [] : [{ rule: 0, id: undefined }];
  }
  return text.split('\n').flatMap((line): FoundItem[] => {
    const tested = decoder.decode(encoder.encode(line).subarray(0, MAX_LINE_BYTES)).trimEnd();
    const rule = entries.findIndex((entry) => 'text' in entry && matches(tested, entry.line ?? ''));
    return rule === -1 || tested === '' ? [] : [{ rule, id: undefined }];
  });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Does not use a regular expression, whose time an author could make quadratic in the length of a line. */
function matches(line: string, text: string): boolean {
  const literals = parseLinePattern(text).map((literal) => decoder.decode(literal));
  if (literals.length === 1) return line === literals[0];
  const [first = '', ...others] = literals;
  const last = others.pop() ?? '';
  if (!line.startsWith(first)) return false;
  let rest = line.slice(first.length);
  for (const literal of others) {
    const at = rest.indexOf(literal);
    if (at === -1) return false;
    rest = rest.slice(at + literal.length);
  }
  return rest.endsWith(last);
}
