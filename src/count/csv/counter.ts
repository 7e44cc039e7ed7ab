/** Counts the rows of a table (CSV, TSV): each row with a value is an item. A row counts once its line has ended. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import { TextBytes } from '../text/text-bytes.ts';
import type { UncountedReason } from '../uncounted.ts';
import { FirstRow, isOtherDocument, namesIn } from './first-row.ts';
import type { CsvPlan, CsvSelector } from './plan.ts';
import { CsvField, Rows } from './rows.ts';

const decoder = new TextDecoder();

export class CsvCounter implements FormatCounter {
  failure: UncountedReason | undefined;
  readonly #plan: CsvPlan;
  readonly #found: PostCount;
  readonly #bytes = new TextBytes();
  readonly #id = new PostId();
  /** By column of the plan. */
  readonly #fields: readonly CsvField[];
  /** Null after the first row. */
  #first: FirstRow | null = new FirstRow();
  #separator: number | null;
  #rows: Rows | null = null;

  constructor(plan: CsvPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#separator = plan.separator;
    this.#fields = plan.columns.map(() => new CsvField());
  }

  write(chunk: Uint8Array): void {
    if (this.failure === undefined) this.#read(this.#bytes.read(chunk));
  }

  end(): void {
    if (this.failure !== undefined) return;
    this.#read(this.#bytes.end());
    // A line that names the separator is followed by the first row.
    while (this.#first?.close()) this.#begin(this.#first);
    if (this.failure === undefined && this.#rows?.end() === false) this.failure = 'truncated';
  }

  #read(text: Uint8Array): void {
    if (this.#first === null) this.#rows?.write(text);
    else if (this.#first.add(text)) this.#begin(this.#first);
  }

  #begin(first: FirstRow): void {
    this.#first = null;
    if (first.isTooLong || isOtherDocument(first.row)) {
      this.failure = 'shape';
      return;
    }
    const { named } = first;
    if (named !== undefined) {
      this.#separator = named;
      this.#first = new FirstRow();
      this.#read(first.rest);
      return;
    }
    const separator = this.#separator ?? first.separator;
    const places = this.#placesIn(this.#plan.hasHeader ? namesIn(first.row, separator) : null);
    if (places === null) {
      this.failure = 'shape';
      return;
    }
    this.#rows = new Rows(separator, places, () => this.#onRow());
    if (!this.#plan.hasHeader) this.#rows.write(first.row);
    this.#rows.write(first.rest);
  }

  /** The field to keep by column of the table; null if the table lacks a column that a test names. */
  #placesIn(header: readonly string[] | null): Array<CsvField | null> | null {
    const places: Array<CsvField | null> = [];
    for (const [index, name] of this.#plan.columns.entries()) {
      const at = header === null ? Number(name) - 1 : header.indexOf(name);
      const isTested = this.#plan.selectors.some(({ where }) => where?.column === index);
      if (at === -1 && isTested) return null;
      if (at === -1) continue;
      while (places.length <= at) places.push(null);
      places[at] = this.#fields[index]!;
    }
    return places;
  }

  #onRow(): void {
    const index = this.#plan.selectors.findIndex((selector) => this.#passes(selector));
    if (index === -1) return;
    const { id } = this.#plan.selectors[index]!;
    this.#id.clear();
    if (id !== null) this.#readId(this.#fields[id]!);
    this.#found.found(index, this.#id);
    this.#found.settle();
  }

  #passes({ where }: CsvSelector): boolean {
    if (where === null) return true;
    const { bytes, length } = this.#fields[where.column]!;
    const text = decoder.decode(bytes.subarray(0, length)).trim();
    return where.test.passes(text !== '', where.test.fits(text));
  }

  #readId({ bytes, length, isTooLong }: CsvField): void {
    if (!isTooLong) this.#id.read(bytes, 0, length);
  }
}
