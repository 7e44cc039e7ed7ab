/** Runs the counters of the AT Protocol with every kind of post switched on. */

import { CarCounter } from '../../../src/count/atproto/car.ts';
import { FirehoseCounter } from '../../../src/count/atproto/firehose.ts';
import { compileRecords, type RecordPlan } from '../../../src/count/atproto/plan.ts';
import type { FormatCounter } from '../../../src/count/format-counter.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import type { UncountedReason } from '../../../src/count/uncounted.ts';
import { piecesOf } from '../counting.ts';
import { planned } from '../planned.ts';
import { POST } from './repository.ts';

export interface Counted {
  readonly posts: number;
  readonly failure: UncountedReason | undefined;
  readonly flaw: UncountedReason | undefined;
  /** How often each selector found something. */
  readonly bySelector: readonly number[];
  /** Different ids. */
  readonly ids: number;
}

type Entry = { readonly record: string; readonly where?: string };

export function planOf(entries: readonly Entry[] = [{ record: POST }]): RecordPlan {
  const records = entries.map((entry) => ({ kind: 'post', ...entry }) as const);
  const compiled = planned((problems) => compileRecords(records, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.plan;
}

export function countCar(chunks: Iterable<Uint8Array>, plan = planOf(), isCut = false): Counted {
  return count(plan, chunks, isCut, (found) => new CarCounter(plan, found));
}

export function countMessages(messages: Iterable<Uint8Array>, plan = planOf()): Counted {
  return count(plan, messages, false, (found) => new FirehoseCounter(plan, found));
}

function count(
  plan: RecordPlan,
  chunks: Iterable<Uint8Array>,
  isCut: boolean,
  open: (found: PostCount) => FormatCounter,
): Counted {
  const bySelector = plan.tests.map(() => 0);
  const selectors = plan.tests.map(
    (_, index) => ({ text: String(index), kind: 'post', counts: true }) as const,
  );
  const found = new PostCount(selectors, true, ({ text }) => {
    bySelector[Number(text)]!++;
  });
  const counter = open(found);
  for (const chunk of chunks) {
    // A counter that keeps the chunk reads zeros later.
    const lent = Uint8Array.from(chunk);
    counter.write(lent);
    lent.fill(0);
  }
  if (!isCut) counter.end();
  const { posts } = found;
  found.settle();
  const ids = found.takeSettled().ids ?? new Uint32Array();
  const texts = Array.from({ length: ids.length / 2 }, (_, i) => `${ids[2 * i]}:${ids[2 * i + 1]}`);
  return { posts, failure: counter.failure, flaw: counter.flaw, bySelector, ids: new Set(texts).size };
}

/** The bytes, cut at these places (each modulo the length). */
export function* cutAt(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  let from = 0;
  for (const to of [...sorted, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

export const byteByByte = (bytes: Uint8Array): Iterable<Uint8Array> => piecesOf(bytes, 1);
