/** Counts posts in pages for the tests: entries as a configuration writes them, bodies cut as a test likes. */

import type { z } from 'zod';
import { HtmlCounter } from '../../../src/count/html/counter.ts';
import { compileHtml, type HtmlPlan } from '../../../src/count/html/plan.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import { type HtmlEntry, postsEntrySchema } from '../../../src/count/route/schema.ts';
import { planned } from '../planned.ts';

export type EntryText = z.input<typeof postsEntrySchema>;

export function entriesOf(...entries: EntryText[]): HtmlEntry[] {
  return entries.map((entry) => {
    const parsed = postsEntrySchema.parse(entry);
    if (!('html' in parsed) && !('jsonld' in parsed))
      throw new Error(`${JSON.stringify(entry)} is not for HTML`);
    return parsed;
  });
}

export function planOf(...entries: EntryText[]): HtmlPlan {
  const compiled = planned((problems) => compileHtml(entriesOf(...entries), problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.plan;
}

export interface Counted {
  /** Items by selector, in the order of the selectors. */
  readonly items: readonly number[];
  readonly failure?: string;
  /** Different ids. */
  readonly ids: number;
}

/** @param isWhole whether the body's end is passed on. */
export function countPage(plan: HtmlPlan, chunks: Iterable<Uint8Array>, isWhole = true): Counted {
  const items = plan.ids.map(() => 0);
  const selectors = items.map((_, index) => ({ text: String(index), kind: 'post', counts: true }) as const);
  const found = new PostCount(selectors, true, ({ text }) => {
    items[Number(text)]!++;
  });
  const counter = new HtmlCounter(plan, found);
  for (const chunk of chunks) counter.write(chunk);
  if (isWhole) counter.end();
  else counter.cut();
  found.settle();
  const { ids = new Uint32Array() } = found.takeSettled();
  const different = new Set<string>();
  for (let at = 0; at < ids.length; at += 2) different.add(`${ids[at]}:${ids[at + 1]}`);
  return {
    items,
    ids: different.size,
    ...(counter.failure === undefined ? {} : { failure: counter.failure }),
  };
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Items by selector of a page as one chunk and byte by byte, which must be the same. */
export function itemsIn(page: string, ...entries: EntryText[]): readonly number[] {
  const plan = planOf(...entries);
  const body = bytesOf(page);
  const whole = countPage(plan, [body]);
  const cut = countPage(plan, cutsOf(body, 1));
  if (JSON.stringify(whole) !== JSON.stringify(cut)) {
    throw new Error(`whole ${JSON.stringify(whole)}, byte by byte ${JSON.stringify(cut)}`);
  }
  if (whole.failure !== undefined) throw new Error(whole.failure);
  return whole.items;
}

export function* cutsOf(body: Uint8Array, bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += bytes) yield body.subarray(at, at + bytes);
}
