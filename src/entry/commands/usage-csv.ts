/** Reads usage from a CSV file with the columns client, at and posts, in any order. It stops at the first fault. */

import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { bucketOf } from '../../meter/usage.ts';
import type { PostsAt } from '../../tariff/posts.ts';
import { UsageError } from '../usage-error.ts';
import { parseTimestamp } from './options/timestamp.ts';

const COLUMNS = ['client', 'at', 'posts'] as const;
type Column = (typeof COLUMNS)[number];
type Positions = Record<Column, number>;

/** Far above any real row. It prevents an unclosed quote from reading the whole file into one field. */
const MAX_RECORD_CHARACTERS = 100_000;

/** Returns posts by client and bucket. Throws `UsageError` with line number, field, reason and hint. */
export async function readUsage(input: Readable, bucketSeconds: number): Promise<Map<string, PostsAt[]>> {
  const parser = input.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_RECORD_CHARACTERS,
    }),
  );
  input.once('error', (error) => parser.destroy(error));
  const clients = new Map<string, ClientUsage>();
  let positions: Positions | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (positions === undefined) positions = readHeader(record, info.lines);
      else addRow(clients, record, positions, info.lines, bucketSeconds);
    }
  } catch (error) {
    if (error instanceof CsvError) throw faultyCsv(error);
    throw error;
  } finally {
    input.destroy();
  }
  if (positions === undefined)
    throw fault(1, 'client', 'is missing', 'start with the header client,at,posts');
  return new Map(Array.from(clients, ([client, usage]) => [client, usage.toPosts()]));
}

/** The posts of one client, summed by bucket. */
class ClientUsage {
  #total = 0;
  readonly #byBucket = new Map<number, number>();

  /** Returns false if the client's total exceeds the safe integers. */
  add(bucketMs: number, posts: number): boolean {
    this.#total += posts;
    this.#byBucket.set(bucketMs, (this.#byBucket.get(bucketMs) ?? 0) + posts);
    return Number.isSafeInteger(this.#total);
  }

  toPosts(): PostsAt[] {
    return Array.from(this.#byBucket, ([bucketMs, posts]) => ({ bucketMs, posts }));
  }
}

function readHeader(names: readonly string[], line: number): Positions {
  const position = (column: Column) => {
    const at = names.indexOf(column);
    if (at < 0) throw fault(line, column, 'is missing', 'start with the header client,at,posts');
    if (names.indexOf(column, at + 1) >= 0)
      throw fault(line, column, 'occurs twice', 'remove one of the columns');
    return at;
  };
  return { client: position('client'), at: position('at'), posts: position('posts') };
}

function addRow(
  clients: Map<string, ClientUsage>,
  record: readonly string[],
  positions: Positions,
  line: number,
  bucketSeconds: number,
): void {
  const field = (column: Column) => {
    const value = record[positions[column]];
    if (value === undefined || value === '')
      throw fault(line, column, 'is missing', 'provide a value in each column');
    return value;
  };
  const client = field('client');
  const at = field('at');
  const moment = parseTimestamp(at);
  if (!moment.ok) throw fault(line, 'at', `${quote(at)} ${moment.reason}`, moment.hint);
  const posts = readPosts(field('posts'), line);

  let usage = clients.get(client);
  if (usage === undefined) {
    usage = new ClientUsage();
    clients.set(client, usage);
  }
  if (!usage.add(bucketOf(moment.atMs, bucketSeconds), posts)) {
    const max = Number.MAX_SAFE_INTEGER;
    throw fault(
      line,
      'posts',
      `raises the total of client ${quote(client)} above ${max} posts`,
      'split the file by time',
    );
  }
}

function readPosts(text: string, line: number): number {
  const hint = `use a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, digits only`;
  if (/^-\d/.test(text)) throw fault(line, 'posts', `${quote(text)} is negative`, hint);
  if (!/^\d+$/.test(text)) throw fault(line, 'posts', `${quote(text)} is not a whole number`, hint);
  const posts = Number(text);
  if (!Number.isSafeInteger(posts)) throw fault(line, 'posts', `${quote(text)} is too large`, hint);
  return posts;
}

function faultyCsv(error: CsvError): UsageError {
  const line = typeof error.lines === 'number' ? error.lines : 1;
  return fault(line, 'row', `is not CSV (${error.message})`, 'quote fields as RFC 4180 specifies');
}

function fault(line: number, field: string, reason: string, hint: string): UsageError {
  return new UsageError(`line ${line}: ${field}: ${reason}; ${hint}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
