/** Counts a document in XML as the gateway does, in the pieces that a test cuts it to. */

import { PostCount } from '../../../src/count/post-count.ts';
import { PostId } from '../../../src/count/post-id.ts';
import type { XmlEntry } from '../../../src/count/route/schema.ts';
import type { UncountedReason } from '../../../src/count/uncounted.ts';
import { XmlCounter } from '../../../src/count/xml/counter.ts';
import { compileXml, type XmlPlan } from '../../../src/count/xml/plan.ts';
import { planned } from '../planned.ts';

export interface XmlCount {
  readonly failure: UncountedReason | undefined;
  /** The selectors that found an item, in the order of the items. */
  readonly found: readonly number[];
  /** Hashes of the ids that are known. */
  readonly ids: readonly string[];
}

export function planOf(entries: readonly XmlEntry[]): XmlPlan {
  const result = planned((problems) => compileXml(entries, problems));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.plan;
}

export function feed(where?: string, id?: string): XmlEntry {
  return { feed: 'entry', kind: 'post', ...(where && { where }), ...(id && { id }) };
}

export function xml(path: string, where?: string, id?: string): XmlEntry {
  return { xml: path, kind: 'post', ...(where && { where }), ...(id && { id }) };
}

export function countXml(
  entries: readonly XmlEntry[],
  chunks: Iterable<Uint8Array>,
  isCut = false,
): XmlCount {
  const found: number[] = [];
  const selectors = entries.map((_, index) => ({ text: `${index}`, kind: 'post', counts: true }) as const);
  const count = new PostCount(selectors, true, ({ text }) => void found.push(Number(text)));
  const counter = new XmlCounter(planOf(entries), count);
  for (const chunk of chunks) {
    const lent = chunk.slice();
    counter.write(lent);
    // A chunk that is kept would be seen to change.
    lent.fill(0x3c);
  }
  if (!isCut) counter.end();
  count.settle();
  const halves = [...(count.takeSettled().ids ?? [])];
  const ids = halves.flatMap((half, at) => (at % 2 === 0 ? [`${half}:${halves[at + 1]}`] : []));
  return { failure: counter.failure, found, ids };
}

export function countText(entries: readonly XmlEntry[], text: string): XmlCount {
  return countXml(entries, [new TextEncoder().encode(text)]);
}

export function hashOf(id: string): string {
  const hash = new PostId();
  hash.readText(id);
  return `${hash.high}:${hash.low}`;
}

/** Splits the bytes into chunks of one byte. */
export function* bytesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at++) yield body.subarray(at, at + 1);
}
