/** The behaviour required of every window store. The adapters' tests run this suite. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Total, WindowAdd, WindowStore } from '../../src/meter/port.ts';

export interface OpenedStore {
  readonly store: WindowStore;
  /** Opens the same store as another process would. Absent if no other process can open it. */
  readonly another?: WindowStore;
  close(): Promise<void>;
}

/** Sends the last batch of a journal again. */
interface Sent {
  readonly sequence: number;
  readonly client: string;
  readonly posts: ReadonlyArray<{ readonly bucketMs: number; readonly posts: number }>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 2, 1, 12, 0, 30);
const nowBucketMs = nowMs - 30_000;

export function windowStoreContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: WindowStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
    expect(await store.base('anyone'), 'a new store holds nothing').toBeNull();
    await rebuild(store);
  });
  afterAll(() => opened.close());

  describe('adding', () => {
    it('returns the total and the oldest bucket', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      await journal.add([add(client, [[nowBucketMs - 5 * MINUTE_MS, 3]])]);
      const [total] = await journal.add([add(client, [[nowBucketMs, 4]])]);
      expect(total).toEqual({
        clientId: client,
        posts: 7,
        oldestMs: nowBucketMs - 5 * MINUTE_MS,
        asOfMs: nowBucketMs,
      });
      expect(await totalOf(store, client)).toEqual(total);
    });

    it('returns many clients in the requested order', async () => {
      const clients = Array.from({ length: 250 }, () => randomUUID());
      const totals = await newJournal(store).add(clients.map((id, i) => add(id, [[nowBucketMs, i + 1]])));
      expect(totals.map((total) => [total.clientId, total.posts])).toEqual(
        clients.map((id, i) => [id, i + 1]),
      );
    });

    it('takes buckets in any order', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      for (const minutes of [3, 9, 1, 5, 9, 0, 7, 3]) {
        await journal.add([add(client, [[nowBucketMs - minutes * MINUTE_MS, 1 + minutes]])]);
      }
      const expected = { posts: 45, oldestMs: nowBucketMs - 9 * MINUTE_MS };
      expect(await totalOf(store, client)).toMatchObject(expected);
      const later = nowBucketMs - 9 * MINUTE_MS + DAY_MS;
      expect(await totalOf(store, client, later)).toMatchObject({
        posts: 25,
        oldestMs: nowBucketMs - 7 * MINUTE_MS,
      });
    });

    it('ignores buckets that have expired', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      await journal.add([add(client, [[nowBucketMs - DAY_MS, 5]])]);
      expect(await totalOf(store, client)).toMatchObject({ posts: 0 });
      await journal.add([add(client, [[nowBucketMs - DAY_MS + MINUTE_MS, 7]])]);
      expect(await totalOf(store, client)).toMatchObject({ posts: 7 });
    });

    it('expires a bucket exactly at its edge', async () => {
      const client = randomUUID();
      await newJournal(store).add(
        [
          add(client, [
            [nowBucketMs, 5],
            [nowBucketMs + MINUTE_MS, 7],
          ]),
        ],
        nowMs + MINUTE_MS,
      );
      const leavesMs = nowBucketMs + DAY_MS;
      expect((await totalOf(store, client, leavesMs - 1)).posts).toBe(12);
      expect((await totalOf(store, client, leavesMs)).posts).toBe(7);
      expect((await totalOf(store, client, leavesMs + MINUTE_MS - 1)).posts).toBe(7);
      const empty = await totalOf(store, client, leavesMs + MINUTE_MS);
      expect(empty.posts).toBe(0);
      expect(empty.oldestMs).toBeUndefined();
    });

    it('continues after the window has become empty', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      await journal.add([add(client, [[nowBucketMs, 5]])]);
      await totalOf(store, client, nowMs + 2 * DAY_MS);
      const later = nowBucketMs + 2 * DAY_MS;
      const [total] = await journal.add([add(client, [[later, 2]])], later);
      expect(total).toEqual({ clientId: client, posts: 2, oldestMs: later, asOfMs: later });
    });

    it('holds 1,440 full minutes', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      const posts = Array.from({ length: 1440 }, (_, i): [number, number] => [
        nowBucketMs - i * MINUTE_MS,
        700,
      ]);
      await journal.add([add(client, posts)]);
      expect(await totalOf(store, client)).toMatchObject({ posts: 1440 * 700 });
      await journal.add([add(client, [[nowBucketMs + MINUTE_MS, 1]])], nowMs + MINUTE_MS);
      expect((await totalOf(store, client, nowMs + MINUTE_MS)).posts).toBe(1439 * 700 + 1);
    });

    it('holds totals beyond 32 bits and ids with any characters', async () => {
      const journal = newJournal(store);
      for (const client of ['{a}', '}b{', '%7B', 'ip:2001:db8::/64', 'ä ö\n"']) {
        const id = `${client} ${randomUUID()}`;
        await journal.add([add(id, [[nowBucketMs, 3_000_000_000_000]])]);
        await journal.add([add(id, [[nowBucketMs, 5]])]);
        expect(await totalOf(store, id)).toMatchObject({ posts: 3_000_000_000_005 });
      }
    });

    it('returns 0 for an unknown client', async () => {
      const client = randomUUID();
      expect(await totalOf(store, client)).toEqual({
        clientId: client,
        posts: 0,
        oldestMs: undefined,
        asOfMs: nowBucketMs,
      });
    });
  });

  describe('taking each batch once', () => {
    it('ignores a repeated batch and an older one', async () => {
      const client = randomUUID();
      const journalId = randomUUID();
      const adds = [add(client, [[nowBucketMs, 5]])];
      await store.add(journalId, 1, adds, nowMs);
      await store.add(journalId, 2, adds, nowMs);
      for (const sequence of [2, 1]) {
        const [total] = await store.add(journalId, sequence, adds, nowMs);
        expect(total).toMatchObject({ posts: 10 });
      }
    });

    it('adds a batch only to the clients that lack it', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      const journalId = randomUUID();
      await store.add(journalId, 1, [add(one, [[nowBucketMs, 5]])], nowMs);
      const both = [add(one, [[nowBucketMs, 5]]), add(two, [[nowBucketMs, 5]])];
      const totals = await store.add(journalId, 1, both, nowMs);
      expect(totals.map((total) => total.posts)).toEqual([5, 5]);
    });

    it('keeps journals apart', async () => {
      const client = randomUUID();
      const adds = [add(client, [[nowBucketMs, 5]])];
      for (const journalId of ['j', 'jj', 'a-b', randomUUID()]) {
        for (const sequence of [1, 2, 2]) await store.add(`${journalId}${client}`, sequence, adds, nowMs);
      }
      expect(await totalOf(store, client)).toMatchObject({ posts: 40 });
    });

    it('knows the last batch of each journal', async () => {
      const journalId = randomUUID();
      expect(await store.base(journalId)).toMatchObject({ lastSequence: 0 });
      await store.add(journalId, 7, [add(randomUUID(), [[nowBucketMs, 5]])], nowMs);
      expect(await store.base(journalId)).toMatchObject({ lastSequence: 7 });
      await store.add(journalId, 9, [], nowMs);
      expect(await store.base(journalId)).toMatchObject({ lastSequence: 9 });
    });
  });

  it('agrees with the slow oracle', async () => {
    const client = fc.constantFrom('a', 'b', 'c');
    const move = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        journal: fc.constantFrom('one', 'two'),
        client,
        posts: fc.array(fc.tuple(fc.integer({ min: -12, max: 0 }), fc.integer({ min: 0, max: 9 })), {
          maxLength: 5,
        }),
        replay: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 12 }) }),
      fc.record({ kind: fc.constant('read' as const), client }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
        const run = randomUUID();
        const windowMs = 10 * MINUTE_MS;
        const oracle: Array<{ client: string; bucketMs: number; posts: number }> = [];
        const sent = new Map<string, Sent>();
        let at = nowBucketMs;
        const expected = (id: string) =>
          oracle
            .filter((entry) => entry.client === id && entry.bucketMs > at - windowMs)
            .reduce((sum, entry) => sum + entry.posts, 0);
        for (const step of moves) {
          if (step.kind === 'wait') at += step.minutes * MINUTE_MS;
          if (step.kind === 'read') {
            const [total] = await store.totals([{ clientId: step.client + run, windowMs }], at);
            expect(total!.posts).toBe(expected(step.client));
          }
          if (step.kind === 'add') {
            const before = sent.get(step.journal);
            const replayed = step.replay && before !== undefined;
            const batch = replayed
              ? before
              : {
                  sequence: (before?.sequence ?? 0) + 1,
                  client: step.client,
                  posts: step.posts.map(([minutes, count]) => ({
                    bucketMs: at + minutes * MINUTE_MS,
                    posts: count,
                  })),
                };
            sent.set(step.journal, batch);
            if (!replayed) oracle.push(...batch.posts.map((entry) => ({ client: batch.client, ...entry })));
            const adds = [{ clientId: batch.client + run, windowMs, posts: batch.posts }];
            const [total] = await store.add(step.journal + run, batch.sequence, adds, at);
            expect(total!.posts).toBe(expected(batch.client));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  describe('posts that are moved from a client', () => {
    it('reduce its total, and remove an empty bucket', async () => {
      const journal = newJournal(store);
      const client = randomUUID();
      const [older, newer] = [nowBucketMs - 5 * MINUTE_MS, nowBucketMs - MINUTE_MS];
      const posts = [
        [older, 3],
        [newer, 4],
        [nowBucketMs, 5],
      ] as const;
      await journal.add([add(client, posts)]);
      const [total] = await journal.add([add(client, [[older, -3]])]);
      expect(total).toEqual({ clientId: client, posts: 9, oldestMs: newer, asOfMs: nowBucketMs });
      await journal.add([add(client, [[nowBucketMs, -2]])]);
      expect(await totalOf(store, client)).toMatchObject({ posts: 7, oldestMs: newer });
      await journal.add([
        add(client, [
          [nowBucketMs, -3],
          [newer, -4],
        ]),
      ]);
      const empty = await totalOf(store, client);
      expect([empty.posts, empty.oldestMs]).toEqual([0, undefined]);
      await journal.add([add(client, [[nowBucketMs, 6]])]);
      expect(await totalOf(store, client)).toMatchObject({ posts: 6, oldestMs: nowBucketMs });
    });

    it('may be removed before they arrive: the total is 0 until then', async () => {
      const [moves, journal] = [newJournal(store), newJournal(store)];
      const client = randomUUID();
      const [total] = await moves.add([add(client, [[nowBucketMs - MINUTE_MS, -3]])]);
      expect(total!.posts).toBe(0);
      expect((await totalOf(store, client)).posts).toBe(0);
      await journal.add([add(client, [[nowBucketMs, 5]])]);
      expect((await totalOf(store, client)).posts).toBe(2);
      await journal.add([add(client, [[nowBucketMs - MINUTE_MS, 3]])]);
      expect((await totalOf(store, client)).posts).toBe(5);
    });

    it('may be those of a whole window', async () => {
      const [from, to] = [randomUUID(), randomUUID()];
      const journal = newJournal(store);
      const all = Array.from({ length: 1440 }, (_, i) => [nowBucketMs - i * MINUTE_MS, 3] as const);
      const odd = all.filter(([bucketMs]) => (bucketMs / MINUTE_MS) % 2 === 1);
      await journal.add([add(from, all), add(to, [[nowBucketMs, 1]])]);
      await journal.add([
        add(
          from,
          odd.map(([bucketMs, posts]) => [bucketMs, -posts]),
        ),
        add(to, odd),
      ]);
      expect([(await totalOf(store, from)).posts, (await totalOf(store, to)).posts]).toEqual([2160, 2161]);
      const later = nowMs + DAY_MS / 2;
      const half = [(await totalOf(store, from, later)).posts, (await totalOf(store, to, later)).posts];
      expect(half).toEqual([1080, 1081]);
    });

    it('are removed from a client that still knows which adds it has', async () => {
      const client = randomUUID();
      const journal = randomUUID();
      await store.add(journal, 1, [add(client, [[nowBucketMs, 9]])], nowMs);
      await newJournal(store).add([add(client, [[nowBucketMs, -9]])]);
      await newJournal(store).add([add(randomUUID(), [[nowBucketMs, 1]])]);
      await store.add(journal, 1, [add(client, [[nowBucketMs, 9]])], nowMs);
      expect((await totalOf(store, client)).posts).toBe(0);
    });

    it('are removed once, even if the removal is sent again', async () => {
      const client = randomUUID();
      await newJournal(store).add([add(client, [[nowBucketMs, 9]])]);
      const moves = randomUUID();
      for (const _ of [1, 2, 3]) await store.add(moves, 1, [add(client, [[nowBucketMs, -4]])], nowMs);
      expect((await totalOf(store, client)).posts).toBe(5);
    });
  });

  describe('rebuilding', () => {
    it("replaces the previous contents, and continues each journal from the ledger's sequence", async () => {
      const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
      const journalId = randomUUID();
      const before = (await store.base(journalId))!;
      await store.add(journalId, 4, [add(one, [[nowBucketMs, 100]]), add(two, [[nowBucketMs, 100]])], nowMs);
      const restored: WindowAdd[] = [
        add(one, [
          [nowBucketMs - DAY_MS, 1000],
          [nowBucketMs - MINUTE_MS, 10],
          [nowBucketMs, 20],
        ]),
        add(three, [[nowBucketMs, 7]]),
      ];
      await rebuild(store, restored, new Map([[journalId, 2]]));
      const base = (await store.base(journalId))!;
      expect(base.epoch).toBeGreaterThan(before.epoch);
      expect(base.lastSequence).toBe(2);
      expect((await totalOf(store, one)).posts).toBe(30);
      expect((await totalOf(store, two)).posts).toBe(0);
      expect((await totalOf(store, three)).posts).toBe(7);
      // The store's previous state of it is gone, so the same numbers are taken again, once.
      await store.add(journalId, 4, [add(one, [[nowBucketMs, 1]]), add(two, [[nowBucketMs, 1]])], nowMs);
      await store.add(journalId, 4, [add(one, [[nowBucketMs, 1]]), add(two, [[nowBucketMs, 1]])], nowMs);
      expect((await totalOf(store, one)).posts).toBe(31);
      expect((await totalOf(store, two)).posts).toBe(1);
    });

    it('refuses adds during a rebuild', async () => {
      const journalId = randomUUID();
      await store.base(journalId);
      const epoch = await store.beginRebuild(nowMs);
      expect(await store.base(journalId)).toBeNull();
      await expect(
        store.add(journalId, 1, [add(randomUUID(), [[nowBucketMs, 1]])], nowMs),
      ).rejects.toMatchObject({
        name: 'WindowError',
        code: 'window_lost',
      });
      await store.endRebuild(epoch!, new Map());
    });
  });
}

/** Additional behaviour of stores that processes share. */
export function sharedWindowContract(open: () => Promise<Required<OpenedStore>>): void {
  let opened: Required<OpenedStore>;
  beforeAll(async () => {
    opened = await open();
    await rebuild(opened.store);
  });
  afterAll(() => opened.close());

  it('notifies other processes of an add, and not the sender', async () => {
    const heard: Total[] = [];
    const own: Total[] = [];
    await opened.another.watch((totals) => void heard.push(...totals));
    let listening = () => {};
    const ready = new Promise<void>((resolve) => (listening = resolve));
    await opened.store.watch((totals) => void own.push(...totals), listening);
    await ready;
    const client = randomUUID();
    const journal = newJournal(opened.store);
    await expect
      .poll(async () => {
        await journal.add([add(client, [[nowBucketMs, 5]])]);
        return heard.length;
      })
      .toBeGreaterThan(0);
    expect(heard[0]).toMatchObject({ clientId: client, asOfMs: nowBucketMs });
    expect(own).toEqual([]);
  });

  it('lets one process rebuild at a time, and rejects processes that have not noticed the rebuild', async () => {
    const journalId = randomUUID();
    const client = randomUUID();
    await opened.another.base(journalId);
    const epoch = await opened.store.beginRebuild(nowMs);
    expect(await opened.another.beginRebuild(nowMs)).toBeNull();
    await opened.store.restore(epoch!, [add(client, [[nowBucketMs, 9]])], nowMs);
    const late = () => opened.another.add(journalId, 1, [add(client, [[nowBucketMs, 5]])], nowMs);
    await expect(late()).rejects.toMatchObject({ code: 'window_lost' });
    await opened.store.endRebuild(epoch!, new Map([[journalId, 0]]));
    await expect(late()).rejects.toMatchObject({ code: 'window_lost' });
    expect((await totalOf(opened.another, client)).posts).toBe(9);
    await opened.another.base(journalId);
    expect((await late())[0]!.posts).toBe(14);
  });
}

async function rebuild(
  store: WindowStore,
  clients: readonly WindowAdd[] = [],
  sequences: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  const epoch = await store.beginRebuild(nowMs);
  await store.restore(epoch!, clients, nowMs);
  await store.endRebuild(epoch!, sequences);
}

function newJournal(store: WindowStore) {
  const id = randomUUID();
  let sequence = 0;
  return { add: (adds: readonly WindowAdd[], at = nowMs) => store.add(id, ++sequence, adds, at) };
}

function add(clientId: string, posts: ReadonlyArray<readonly [number, number]>): WindowAdd {
  return {
    clientId,
    windowMs: DAY_MS,
    posts: posts.map(([bucketMs, count]) => ({ bucketMs, posts: count })),
  };
}

async function totalOf(store: WindowStore, clientId: string, at = nowMs): Promise<Total> {
  const [total] = await store.totals([{ clientId, windowMs: DAY_MS }], at);
  return total!;
}
