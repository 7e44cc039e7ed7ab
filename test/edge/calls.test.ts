/** How many calls of a client's object its requests make: one each, or, of a hot client, one for twenty of them. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GATHERED, LINGER_MS } from '../../src/adapters/worker/usage/gathering.ts';
import { HOT_REQUESTS, WITHIN_MS } from '../../src/adapters/worker/usage/request-rate.ts';
import { between, type Counts, countsOf } from '../bench/edge/counts.ts';
import type { Taker } from '../faults/load.ts';
import { bundleWorker, ROOT, type WorkerBundle } from '../support/edge/bundle.ts';
import { ask } from '../support/http/ask.ts';
import { REQUEST, TAKER } from '../support/origins/posts.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bundle: WorkerBundle;
let site: EdgeSite;

beforeAll(async () => {
  bundle = await bundleWorker({ script: join(ROOT, 'test/bench/edge/counted-worker.ts') });
  const script = 'counted-worker.js';
  const clients = ['quiet', 'hot', 'steady'];
  site = await startEdgeSite({ clients, bundle: bundle.folder, script });
});
afterAll(async () => {
  await site?.stop();
  await bundle?.remove();
});

describe('the calls of a client’s object', () => {
  it('are one a request while the client is quiet', async () => {
    const counts = await countedNow(async () => {
      for (let request = 0; request < HOT_REQUESTS / 2; request++) await take('quiet');
    });
    expect(counts.requests).toBe(HOT_REQUESTS / 2);
    expect(counts.clientCalls).toBe(HOT_REQUESTS / 2);
  });

  it(`are one for ${GATHERED} requests or ${LINGER_MS} ms while it is hot, and no request is left out`, async () => {
    const many = 40 * GATHERED;
    await all(4 * HOT_REQUESTS, 2 * GATHERED, () => take('hot'));
    const sinceMs = performance.now();
    const counts = await countedNow(() => all(many, 2 * GATHERED, () => take('hot')));
    const tookMs = performance.now() - sinceMs;
    expect(counts.requests).toBe(many);
    // On a busy machine the client is not always fast enough to be hot.
    if (tookMs / many > WITHIN_MS / HOT_REQUESTS / 2) expect(counts.clientCalls).toBeLessThan(many);
    // The last of them have no other requests to go with.
    else expect(counts.clientCalls - 1).toBeLessThanOrEqual(many / GATHERED + tookMs / LINGER_MS);
  });

  it(`are one for what has gathered in ${LINGER_MS} ms, however little, with no other request to send it`, async () => {
    await all(4 * HOT_REQUESTS, 2 * GATHERED, () => take('steady'));
    const few = GATHERED / 2;
    const counts = await countedNow(() => all(few, few, () => take('steady')));
    expect(counts.requests).toBe(few);
    expect(counts.clientCalls).toBeGreaterThan(0);
    expect(counts.clientCalls).toBeLessThan(few);
  });
});

async function take(clientId: string): Promise<void> {
  const { headers } = takerOf(clientId);
  const asked = { ...headers, [TAKER]: clientId, [REQUEST]: crypto.randomUUID() };
  const { status, whole } = await ask(site.worker.url, '/posts?n=3', { headers: asked });
  expect([status, whole]).toEqual([200, true]);
}

function takerOf(clientId: string): Taker {
  return site.takers.find((taker) => taker.clientId === clientId)!;
}

/** So many times in all, so many at once. */
async function all(times: number, atOnce: number, act: () => Promise<void>): Promise<void> {
  let left = times;
  const one = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Responses are whole once their usage is with the object, for durability is strict. */
async function countedNow(act: () => Promise<void>): Promise<Counts> {
  const before = await countsOf(site.worker.url);
  await act();
  return between(before, await countsOf(site.worker.url));
}
