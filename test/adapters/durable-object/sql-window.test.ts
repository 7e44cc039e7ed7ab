import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowStore } from '../../../src/meter/port.ts';
import { windowStoreContract } from '../../meter/window-store.contract.ts';
import type { StoreObject } from './worker.ts';
import { type Objects, startObjects } from './workerd.ts';

let objects: Objects;
beforeAll(async () => {
  objects = await startObjects();
});
afterAll(() => objects.stop());

/** The window in an object in workerd, each call over HTTP. */
function remoteWindow(): WindowStore {
  const store = objects.object<StoreObject>('STORES', randomUUID());
  return new Proxy({} as WindowStore, {
    get:
      (_target, method) =>
      (...args: readonly unknown[]) =>
        store.window(method as 'add', args),
  });
}

describe('a window in a Durable Object', () => {
  windowStoreContract(async () => {
    const store = remoteWindow();
    return { store, close: async () => {} };
  });

  it('is as it was after the runtime was killed', async () => {
    const store = remoteWindow();
    const nowMs = Date.UTC(2026, 2, 1, 12);
    const epoch = await store.beginRebuild(nowMs);
    await store.endRebuild(epoch!, new Map([['other', 4]]));
    const posts = [
      { bucketMs: nowMs - 60_000, posts: 3 },
      { bucketMs: nowMs, posts: 4 },
    ];
    const add = { clientId: 'a', windowMs: 86_400_000, posts };
    const [total] = await store.add('journal', 2, [add], nowMs);
    await objects.crash();
    expect(await store.totals([add], nowMs)).toEqual([total]);
    expect(await store.base('journal')).toEqual({ epoch, lastSequence: 2 });
    expect(await store.base('other')).toEqual({ epoch, lastSequence: 4 });
    expect(await store.add('journal', 2, [add], nowMs)).toEqual([total]);
    expect(total!.posts).toBe(7);
  });
});
