/** How many calls of a client's object its requests make: one each, or one for 20 requests of a hot client. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HOT_PERIOD_MS, HOT_REQUESTS } from '../../src/meter/batching/request-rate.ts';
import { BATCH_SIZE, LINGER_MS } from '../../src/meter/batching/usage-batcher.ts';
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

describe("the calls of a client's object", () => {
  it('are one per request while the client is not hot', async () => {
    const counts = await countedNow(async () => {
      for (let request = 0; request < HOT_REQUESTS / 2; request++) await take('quiet');
    });
    expect(counts.requests).toBe(HOT_REQUESTS / 2);
    expect(counts.clientCalls).toBe(HOT_REQUESTS / 2);
  });

  it(`are one for ${BATCH_SIZE} requests or ${LINGER_MS} ms while it is hot, and every request is counted`, async () => {
    const many = 40 * BATCH_SIZE;
    await all(4 * HOT_REQUESTS, 2 * BATCH_SIZE, () => take('hot'));
    const sinceMs = performance.now();
    const counts = await countedNow(() => all(many, 2 * BATCH_SIZE, () => take('hot')));
    const tookMs = performance.now() - sinceMs;
    expect(counts.requests).toBe(many);
    // On a busy machine the client may be too slow to be hot.
    if (tookMs / many > HOT_PERIOD_MS / HOT_REQUESTS / 2) expect(counts.clientCalls).toBeLessThan(many);
    // The last requests may not fill a batch.
    else expect(counts.clientCalls - 1).toBeLessThanOrEqual(many / BATCH_SIZE + tookMs / LINGER_MS);
  });

  it(`are one after ${LINGER_MS} ms for a batch that is not full`, async () => {
    await all(4 * HOT_REQUESTS, 2 * BATCH_SIZE, () => take('steady'));
    const few = BATCH_SIZE / 2;
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

/** Calls `act` `times` times, `concurrency` of them at a time. */
async function all(times: number, concurrency: number, act: () => Promise<void>): Promise<void> {
  let left = times;
  const one = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: concurrency }, one));
}

/** Durability is strict, so the object has the usage of every response that is complete. */
async function countedNow(act: () => Promise<void>): Promise<Counts> {
  const before = await countsOf(site.worker.url);
  await act();
  return between(before, await countsOf(site.worker.url));
}
