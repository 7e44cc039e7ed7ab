/** Runs a counter over a body in chunks as the gateway does: waits if it has to, then ends or breaks off. */

import { nodeDecoders } from '../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../src/count/count-decision.ts';
import type { Counter, CountResult } from '../../src/count/counter.ts';
import { createCounter } from '../../src/count/create-counter.ts';
import type { Decoders } from '../../src/count/port.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import { routesOf } from './rules.ts';

const GIB = 1024 ** 3;
const routes = routesOf({ path: '/posts' });

export interface Counting {
  readonly coding?: string;
  readonly declared?: string;
  readonly decoders?: Decoders;
  readonly maxDecodedBytes?: number;
  readonly isCut?: boolean;
}

export async function count(chunks: Iterable<Uint8Array>, how: Counting = {}): Promise<CountResult> {
  const head = { declaredCount: how.declared, contentType: undefined, contentEncoding: how.coding };
  const decision = decide('GET', 200, head, matchRoute(routes, 'GET', '/posts'));
  let drained: () => void = () => {};
  const limits = { maxDecodedBytes: how.maxDecodedBytes ?? GIB, wantsIds: false };
  const counter: Counter = createCounter(decision, how.decoders ?? nodeDecoders, limits, () => drained());
  for (const chunk of chunks) {
    const hasRoom = new Promise<void>((resolve) => {
      drained = resolve;
    });
    if (!counter.write(chunk)) await hasRoom;
  }
  return new Promise((resolve) => {
    if (how.isCut) counter.abort(resolve);
    else counter.end(resolve);
  });
}

export function* piecesOf(body: Uint8Array, bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += bytes) yield body.subarray(at, at + bytes);
}

/** A page of posts, and where in it each post ends. */
export function pageOf(posts: number): { body: Buffer; ends: number[] } {
  let text = '{"data":[';
  const ends: number[] = [];
  for (let i = 0; i < posts; i++) {
    text += `${i === 0 ? '' : ','}{"id":${i},"text":"post number ${i} of a page, with words that repeat"}`;
    ends.push(text.length);
  }
  return { body: Buffer.from(`${text}]}`), ends };
}
