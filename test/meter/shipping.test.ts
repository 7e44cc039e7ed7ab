import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { memoryWindow } from '../../src/adapters/memory/window.ts';
import type { JournalRecord, UsageBatch, UsageLedger, WindowAdd, WindowStore } from '../../src/meter/port.ts';
import { WindowError } from '../../src/meter/port.ts';
import { type Shipping, startShipping } from '../../src/meter/shipper.ts';
import { TotalsCache } from '../../src/meter/totals/totals-cache.ts';
import { bucketOf } from '../../src/meter/usage.ts';
import { draws } from '../support/draws.ts';
import { MemoryJournal } from './memory-journal.ts';
import { meteringLedger, postsIn, usageIn } from './metering-ledger.ts';
import { SimulatedTiming } from './simulated-timing.ts';
import { usageOf } from './usages.ts';

const WINDOW_MS = 10 * 60_000;

/** How a call fails: before its effect, after its effect, or with a late effect that the caller no longer waits for. */
type Fault = 'refused' | 'answer lost' | 'delayed';

class Faults {
  next: Fault[] = [];
  readonly #late: Array<() => Promise<unknown>> = [];

  async around<T>(call: () => Promise<T>): Promise<T> {
    const fault = this.next.shift();
    if (fault === undefined) return call();
    if (fault === 'answer lost') await call();
    if (fault === 'delayed') this.#late.push(call);
    throw new WindowError('window_away', fault);
  }

  /** Applies the delayed calls now. Their results reach no caller. */
  async arrive(): Promise<void> {
    for (const call of this.#late.splice(0)) await call().catch(() => {});
  }

  /** Drops the calls in flight with the connection of a process that died. */
  drop(): void {
    this.#late.length = 0;
  }
}

/** One gateway over a journal, a ledger and a window store that outlive it. */
class Rig {
  readonly timing = new SimulatedTiming(Date.UTC(2026, 2, 1));
  journal = new MemoryJournal('journal');
  /** A different value is a copy that took over. */
  ledger = meteringLedger({ nowMs: () => this.timing.nowMs() });
  readonly ledgerFaults = new Faults();
  readonly windowFaults = new Faults();
  readonly recorded: Array<{ clientId: string; bucketMs: number; posts: number }> = [];
  window: WindowStore = memoryWindow();
  /** The total of every client. */
  limit = Number.POSITIVE_INFINITY;
  /** Number of adds that the store was sent. */
  adds = 0;
  /** Receives failed steps and rewinds. */
  reported: (what: string) => void = () => {};
  board!: TotalsCache;
  shipping!: Shipping;

  readonly #heldRecords: number;
  readonly #pollMs: number;

  constructor({ heldRecords = 100_000, pollMs = 100 } = {}) {
    this.#heldRecords = heldRecords;
    this.#pollMs = pollMs;
    this.start();
  }

  start(): void {
    const { journal, timing } = this;
    const window = this.#faultyWindow();
    const windowMsOf = () => WINDOW_MS;
    const limitOf = () => this.limit;
    const options = { window, windowMsOf, limitOf, timing, refreshMs: this.#pollMs, maxClients: 100 };
    this.board = new TotalsCache(options);
    this.board.start();
    this.shipping = startShipping({
      journal,
      ledger: this.#faultyLedger(),
      window,
      totals: this.board,
      timing,
      windowMsOf,
      longestWindowMs: WINDOW_MS,
      heldRecords: this.#heldRecords,
      windowFlushMs: this.#pollMs,
      ledgerFlushMs: this.#pollMs * 2.5,
      onError: (target, error) => this.reported(`${target}: ${error.message}`),
      onRewind: ({ had, has }) => this.reported(`rewound from ${had} to ${has}`),
    });
  }

  async restart(): Promise<void> {
    this.ledgerFaults.drop();
    this.windowFaults.drop();
    const stopping = [this.shipping.stop(), this.board.stop()];
    await this.timing.advance(0);
    await Promise.all(stopping);
    this.start();
  }

  record(clientId: string, posts: number): void {
    const usage = usageOf({ clientId, posts, bucketMs: bucketOf(this.timing.nowMs(), 60) });
    this.board.total(clientId, this.timing.nowMs());
    this.journal.append([usage]);
    this.board.bump([usage]);
    this.recorded.push(usage);
  }

  expectedTotal(clientId: string): number {
    const endMs = bucketOf(this.timing.nowMs(), 60);
    return this.recorded
      .filter((one) => one.clientId === clientId && one.bucketMs > endMs - WINDOW_MS)
      .reduce((sum, one) => sum + one.posts, 0);
  }

  async storedTotal(clientId: string): Promise<number> {
    const [total] = await this.window.totals([{ clientId, windowMs: WINDOW_MS }], this.timing.nowMs());
    return total!.posts;
  }

  #faultyLedger(): UsageLedger {
    const { ledgerFaults } = this;
    return {
      take: (batch: UsageBatch) => ledgerFaults.around(() => this.ledger.take(batch)),
      lastSequence: (id) => this.ledger.lastSequence(id),
      posts: (fromMs) => this.ledger.posts(fromMs),
      taken: (id, after, limit) => this.ledger.taken(id, after, limit),
      skipLost: (id, first, last, reason) => this.ledger.skipLost(id, first, last, reason),
      holdClients: (holds) => this.ledger.holdClients(holds),
      clockMs: () => this.ledger.clockMs(),
      movedPosts: (after, limit) => this.ledger.movedPosts(after, limit),
    };
  }

  /** Reads `this.window` at each call, because a lost store is replaced by another. */
  #faultyWindow(): WindowStore {
    const faults = this.windowFaults;
    return {
      base: (id) => this.window.base(id),
      // As in a shared store, calls sent to one epoch are refused by the next, regardless of their delay.
      add: async (id, last, adds: readonly WindowAdd[], nowMs) => {
        this.adds++;
        const store = this.window;
        const sentTo = await store.base(id);
        return faults.around(async () => {
          const reached = await store.base(id);
          if (reached?.epoch !== sentTo?.epoch) throw new WindowError('window_lost', 'another life');
          return store.add(id, last, adds, nowMs);
        });
      },
      totals: (clients, nowMs) => this.window.totals(clients, nowMs),
      beginRebuild: (nowMs) => this.window.beginRebuild(nowMs),
      restore: (epoch, clients, nowMs) => this.window.restore(epoch, clients, nowMs),
      endRebuild: (epoch, sequences) => this.window.endRebuild(epoch, sequences),
      watch: (listener) => this.window.watch(listener),
      close: () => this.window.close(),
    };
  }

  async end(): Promise<void> {
    const stopping = [this.shipping.stop(), this.board.stop()];
    await this.timing.advance(0);
    await Promise.all(stopping);
  }
}

describe('shipping', () => {
  it('ships everything to ledger and window, and releases it', async () => {
    const rig = new Rig();
    rig.record('a', 5);
    rig.record('b', 7);
    await rig.timing.advance(1_000);
    expect(postsIn(rig.ledger)).toBe(12);
    expect(await rig.storedTotal('a')).toBe(5);
    expect(rig.journal.kept).toBe(0);
    expect(rig.shipping.state()).toMatchObject({
      window: { lagRecords: 0, failures: 0 },
      ledger: { lagRecords: 0, failures: 0 },
    });
    await rig.end();
  });

  describe('gathering usage', () => {
    async function quietRig(limit: number): Promise<Rig> {
      const rig = new Rig();
      rig.limit = limit;
      rig.board.total('a', rig.timing.nowMs());
      await rig.timing.advance(500);
      return rig;
    }

    it('takes 50 ms far from the limit, and one add', async () => {
      const rig = await quietRig(1_000);
      rig.record('a', 5);
      await rig.timing.advance(30);
      rig.record('a', 7);
      await rig.timing.advance(19);
      expect([rig.adds, await rig.storedTotal('a')]).toEqual([0, 0]);
      await rig.timing.advance(1);
      expect([rig.adds, await rig.storedTotal('a')]).toEqual([1, 12]);
      await rig.end();
    });

    it('ends at once for a client that passes its limit from 0 in the meantime', async () => {
      const rig = await quietRig(1_000);
      rig.record('a', 20);
      await rig.timing.advance(10);
      expect(rig.adds).toBe(0);
      rig.record('a', 1_000);
      await rig.timing.advance(0);
      expect(await rig.storedTotal('a')).toBe(1_020);
      rig.record('a', 1);
      await rig.timing.advance(0);
      expect(await rig.storedTotal('a')).toBe(1_021);
      await rig.end();
    });

    it('ends at once if the client came near the limit during an add', async () => {
      const rig = await quietRig(1_000);
      const { add } = rig.window;
      rig.window.add = (...args) => {
        rig.window.add = add;
        rig.record('a', 990);
        return add.apply(rig.window, args);
      };
      rig.record('a', 5);
      await rig.timing.advance(50);
      expect([rig.adds, await rig.storedTotal('a')]).toEqual([2, 995]);
      await rig.end();
    });

    it('does not try a store that is unreachable more often', async () => {
      const rig = await quietRig(1);
      rig.windowFaults.next = Array.from({ length: 50 }, () => 'refused');
      for (let times = 0; times < 100; times++) {
        rig.record('a', 1);
        await rig.timing.advance(10);
      }
      expect(rig.adds).toBeLessThan(10);
      await rig.end();
    });

    it.each([60_000, 540_000, -20])(
      'is shipped with its metered time if the clock leaps by %i ms meanwhile',
      async (leapMs) => {
        const rig = await quietRig(1_000);
        rig.record('a', 5);
        await rig.timing.advance(20);
        rig.timing.leap(leapMs);
        await rig.timing.advance(29);
        expect(rig.adds).toBe(0);
        await rig.timing.advance(1);
        expect([rig.adds, await rig.storedTotal('a')]).toEqual([1, 5]);
        await rig.timing.advance(2_000);
        expect(postsIn(rig.ledger)).toBe(5);
        await rig.end();
      },
    );

    it('loses no usage with a process, because the next one ships it', async () => {
      const rig = await quietRig(1_000);
      rig.record('a', 5);
      await rig.timing.advance(20);
      await rig.restart();
      await rig.timing.advance(1_000);
      expect([await rig.storedTotal('a'), postsIn(rig.ledger)]).toEqual([5, 5]);
      await rig.end();
    });
  });

  it('ships at most the allowed number of ids in a batch, and all of them in the end', async () => {
    const rig = new Rig();
    const batches: number[] = [];
    const take = rig.ledger.take.bind(rig.ledger);
    rig.ledger.take = (batch) => {
      batches.push(batch.lastSequence - batch.firstSequence + 1);
      return take(batch);
    };
    const ids = new Uint32Array(600_000);
    for (let n = 0; n < 4; n++) rig.journal.append([usageOf({ posts: 300_000, ids })]);
    rig.journal.append([usageOf({ posts: 600_000, ids: new Uint32Array(1_200_000) })]);
    rig.journal.append([usageOf({ posts: 1 })]);
    await rig.timing.advance(2_000);
    expect(batches).toEqual([1, 1, 1, 1, 1, 1]);
    const [sum] = usageIn(rig.ledger);
    expect([sum!.posts, sum!.ids!.length / 2]).toEqual([1_800_001, 1_800_000]);
    await rig.end();
  });

  it('moves posts between windows within a second, and later those that are metered for the former client', async () => {
    const rig = new Rig();
    const totals = async () => [
      rig.board.total('a', rig.timing.nowMs()).posts,
      rig.board.total('b', rig.timing.nowMs()).posts,
      await rig.storedTotal('a'),
      await rig.storedTotal('b'),
    ];
    rig.record('a', 5);
    rig.record('b', 7);
    await rig.timing.advance(1_000);
    const toMs = Number.POSITIVE_INFINITY;
    // The posts are in the window and not in the ledger yet.
    rig.record('a', 20);
    await rig.timing.advance(110);
    await rig.ledger.move({ identifierId: 'key', fromClientId: 'a', toClientId: 'b', fromMs: 0, toMs });
    await rig.timing.advance(1_000);
    expect(await totals()).toEqual([0, 32, 0, 32]);
    rig.record('a', 100);
    await rig.timing.advance(1_500);
    expect(await totals()).toEqual([0, 132, 0, 132]);
    await rig.restart();
    // Queries a client that is new to the process.
    for (const client of ['a', 'b']) rig.board.total(client, rig.timing.nowMs());
    await rig.timing.advance(1_500);
    expect(await totals()).toEqual([0, 132, 0, 132]);
    rig.window = memoryWindow();
    await rig.timing.advance(3_000);
    expect(await totals()).toEqual([0, 132, 0, 132]);
    await rig.end();
  });

  it('queries its stores every five seconds after a minute without requests, and moves posts within a second even then', async () => {
    const rig = new Rig();
    rig.record('a', 5);
    await rig.timing.advance(60_000);
    const asked = vi.spyOn(rig.ledger, 'movedPosts');
    const looked = vi.spyOn(rig.window, 'base');
    await rig.timing.advance(60_000);
    expect([asked.mock.calls.length, looked.mock.calls.length]).toEqual([12, 12]);
    const toMs = Number.POSITIVE_INFINITY;
    await rig.ledger.move({ identifierId: 'key', fromClientId: 'a', toClientId: 'b', fromMs: 0, toMs });
    rig.shipping.checkMoves();
    await rig.timing.advance(1_000);
    expect([await rig.storedTotal('a'), await rig.storedTotal('b')]).toEqual([0, 5]);
    // The next request detects a window that was lost in the meantime.
    rig.window = memoryWindow();
    rig.record('b', 3);
    await rig.timing.advance(1_000);
    expect(await rig.storedTotal('b')).toBe(8);
    await rig.end();
  });

  it('moves posts exactly once, for any failures and any loss of the window', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('record' as const), posts: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ kind: fc.constant('move' as const), back: fc.boolean() }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 700 }) }),
      fc.record({ kind: fc.constantFrom('window lost' as const, 'restart' as const) }),
      fc.record({
        kind: fc.constant('fault' as const),
        fault: fc.constantFrom<Fault>('refused', 'answer lost', 'delayed'),
        target: fc.constantFrom('ledgerFaults' as const, 'windowFaults' as const),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const rig = new Rig();
        await rig.timing.advance(500);
        for (const one of steps) {
          if (one.kind === 'record') rig.record('a', one.posts);
          if (one.kind === 'wait') await rig.timing.advance(one.ms);
          if (one.kind === 'window lost') rig.window = memoryWindow();
          if (one.kind === 'restart') await rig.restart();
          if (one.kind === 'fault') rig[one.target].next.push(one.fault);
          if (one.kind === 'move') {
            const [fromClientId, toClientId] = one.back ? (['b', 'a'] as const) : (['a', 'b'] as const);
            const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
            await rig.ledger.move({ identifierId: 'key', fromClientId, toClientId, ...always });
          }
        }
        rig.ledgerFaults.next = [];
        rig.windowFaults.next = [];
        await rig.timing.advance(8_000);
        await rig.ledgerFaults.arrive();
        await rig.windowFaults.arrive();
        for (const client of ['a', 'b']) rig.board.total(client, rig.timing.nowMs());
        await rig.timing.advance(1_000);
        for (const client of ['a', 'b']) {
          const owned = usageIn(rig.ledger).filter(({ clientId }) => clientId === client);
          const posts = owned.reduce((sum, one) => sum + one.posts, 0);
          expect(await rig.storedTotal(client)).toBe(posts);
          expect(rig.board.total(client, rig.timing.nowMs()).posts).toBe(posts);
        }
        await rig.end();
      }),
      {
        numRuns: draws(100),
        // The rebuild included the moved posts, and the total of the former client could not fall.
        examples: [
          [
            [
              { kind: 'restart' },
              { kind: 'record', posts: 1 },
              { kind: 'move', back: false },
              { kind: 'window lost' },
            ],
          ],
        ],
      },
    );
  });

  it('ships the whole journal at once when it drains', async () => {
    const rig = new Rig();
    await rig.timing.advance(500);
    rig.record('a', 5);
    const drained = rig.shipping.drain(10_000);
    await rig.timing.advance(50);
    expect(await drained).toBe(true);
    expect(postsIn(rig.ledger)).toBe(5);
    await rig.end();
  });

  it('releases all that was drained, even if the window is the last to have it', async () => {
    const rig = new Rig();
    await rig.timing.advance(500);
    rig.windowFaults.next = Array.from({ length: 50 }, () => 'refused');
    rig.record('a', 5);
    await rig.timing.advance(2_000);
    expect([postsIn(rig.ledger), rig.journal.kept]).toEqual([5, 1]);
    rig.windowFaults.next = [];
    const drained = rig.shipping.drain(10_000);
    await rig.timing.advance(50);
    expect([await drained, rig.journal.kept]).toEqual([true, 0]);
    await rig.end();
  });

  it('skips what neither journal nor ledger has any more, even if no usage arrives', async () => {
    const rig = new Rig();
    for (const posts of [1, 2, 3]) rig.record('a', posts);
    await rig.timing.advance(1_000);
    expect(rig.journal.kept).toBe(0);
    rig.ledger = meteringLedger({ nowMs: () => rig.timing.nowMs() });
    await rig.timing.advance(30_000);
    expect(await rig.ledger.lastSequence('journal')).toBe(3);
    expect(await rig.ledger.holdCounts()).toEqual([
      { code: 'ledger_set_back', clients: 0, isForAll: true },
      { code: 'records_lost', clients: 0, isForAll: true },
    ]);
    await rig.end();
  });

  it('compares ledger and journal at the start, and if the ledger was unreachable', async () => {
    const rig = new Rig();
    rig.journal.retains = true;
    const reported: string[] = [];
    rig.reported = (what) => reported.push(what);
    await rig.restart();
    rig.record('a', 5);
    await rig.timing.advance(10_000);
    expect(rig.ledger.state.holds).toEqual([]);

    // A copy with as many records and other usage takes over.
    const other = meteringLedger({ nowMs: () => rig.timing.nowMs() });
    const [{ usage }] = (await rig.journal.read(0, 1)) as [JournalRecord];
    await other.take({
      journalId: 'journal',
      firstSequence: 1,
      lastSequence: 1,
      usage: [{ ...usage[0]!, posts: 6 }],
    });
    rig.ledger = other;
    await rig.timing.advance(60_000);
    expect(other.state.holds).toEqual([]);
    rig.ledgerFaults.next = ['refused'];
    rig.record('b', 1);
    await rig.timing.advance(60_000);
    expect(other.state.holds).toMatchObject([{ clientId: 'a', code: 'batches_differ' }]);
    expect(reported).toEqual(['ledger: refused']);

    // A third copy lacks what the second had. That is reported, and it receives the records again.
    rig.ledger = meteringLedger({ nowMs: () => rig.timing.nowMs() });
    await rig.timing.advance(60_000);
    expect(reported.slice(1)).toEqual(['rewound from 2 to 0']);
    expect(postsIn(rig.ledger)).toBe(6);
    await rig.end();
  });

  it('gives up draining in time if the ledger is unreachable, and keeps the rest', async () => {
    const rig = new Rig();
    await rig.timing.advance(500);
    rig.ledgerFaults.next = Array.from({ length: 100 }, () => 'refused');
    rig.record('a', 5);
    const drained = rig.shipping.drain(1_000);
    await rig.timing.advance(2_000);
    expect(await drained).toBe(false);
    expect(rig.journal.kept).toBe(1);
    expect(rig.shipping.state().ledger).toMatchObject({ lagRecords: 1, lastError: { message: 'refused' } });
    await rig.end();
  });

  it('backs off while the ledger is unreachable, and continues when it is back', async () => {
    const rig = new Rig();
    rig.ledgerFaults.next = Array.from({ length: 8 }, () => 'refused');
    rig.record('a', 5);
    await rig.timing.advance(3_000);
    expect(rig.ledgerFaults.next.length).toBeGreaterThan(0);
    await rig.timing.advance(60_000);
    expect(rig.ledgerFaults.next).toHaveLength(0);
    expect(postsIn(rig.ledger)).toBe(5);
    await rig.end();
  });

  it('rebuilds a lost window from the ledger and its own records', async () => {
    const rig = new Rig();
    rig.record('a', 5);
    await rig.timing.advance(1_000);
    rig.record('a', 3);
    rig.window = memoryWindow();
    rig.record('a', 4);
    await rig.timing.advance(3_000);
    expect(await rig.storedTotal('a')).toBe(12);
    expect(rig.board.total('a', rig.timing.nowMs()).posts).toBe(12);
    expect(rig.board.degraded).toBe(false);
    await rig.end();
  });

  it('rebuilds from the ledger a window that was unreachable for longer than records are held', async () => {
    const rig = new Rig({ heldRecords: 3 });
    await rig.timing.advance(1_000);
    rig.windowFaults.next = Array.from({ length: 6 }, () => 'refused');
    for (let i = 0; i < 12; i += 1) {
      rig.record('a', 1);
      await rig.timing.advance(300);
    }
    expect(rig.journal.kept).toBeLessThan(12);
    await rig.timing.advance(30_000);
    expect(await rig.storedTotal('a')).toBe(12);
    await rig.end();
  });

  it('renumbers what was written by a journal that is an older copy of itself', async () => {
    const rig = new Rig();
    for (const posts of [1, 2, 3]) rig.record('a', posts);
    await rig.timing.advance(1_000);
    const copy = new MemoryJournal('journal');
    copy.append([usageOf({ clientId: 'a', posts: 1 })]);
    rig.journal = copy;
    await rig.restart();
    rig.record('a', 10);
    await rig.timing.advance(3_000);
    expect(postsIn(rig.ledger)).toBe(16);
    await rig.end();
  });

  it('is degraded while the window store is unreachable, and continues with what it knows', async () => {
    const rig = new Rig();
    rig.record('a', 5);
    await rig.timing.advance(1_000);
    rig.windowFaults.next = Array.from({ length: 50 }, () => 'refused');
    rig.record('a', 7);
    await rig.timing.advance(1_000);
    expect(rig.board.degraded).toBe(true);
    expect(rig.board.total('a', rig.timing.nowMs()).posts).toBe(12);
    rig.windowFaults.next = [];
    await rig.timing.advance(30_000);
    expect(rig.board.degraded).toBe(false);
    expect(rig.board.total('a', rig.timing.nowMs()).posts).toBe(12);
    await rig.end();
  });

  it('after any failures, the ledger and the window have each recorded post once', async () => {
    const fault = fc.constantFrom<Fault>('refused', 'answer lost', 'delayed');
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('record' as const),
          client: fc.constantFrom('a', 'b'),
          posts: fc.integer({ min: 0, max: 9 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('wait' as const),
          ms: fc.constantFrom(10, 3_000, 9_000, 61_000, 200_000),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('ledger fails' as const),
          faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('window fails' as const),
          faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('late calls arrive' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('window lost' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        fc.constantFrom(2, 100_000),
        async (events, heldRecords) => {
          const rig = new Rig({ heldRecords, pollMs: 4_000 });
          for (const one of events) {
            if (one.kind === 'record') rig.record(one.client, one.posts);
            if (one.kind === 'wait') await rig.timing.advance(one.ms);
            if (one.kind === 'ledger fails') rig.ledgerFaults.next.push(...one.faults);
            if (one.kind === 'window fails') rig.windowFaults.next.push(...one.faults);
            if (one.kind === 'window lost') rig.window = memoryWindow();
            if (one.kind === 'restart') await rig.restart();
            if (one.kind === 'late calls arrive') {
              await rig.ledgerFaults.arrive();
              await rig.windowFaults.arrive();
            }
          }
          // Every fault has occurred, and every pause and back-off is over.
          await rig.timing.advance(300_000);
          await rig.ledgerFaults.arrive();
          await rig.windowFaults.arrive();
          for (const client of ['a', 'b']) rig.board.total(client, rig.timing.nowMs());
          await rig.timing.advance(60_000);
          expect(postsIn(rig.ledger)).toBe(rig.recorded.reduce((sum, usage) => sum + usage.posts, 0));
          expect(usageIn(rig.ledger).reduce((sum, usage) => sum + usage.requests, 0)).toBe(
            rig.recorded.length,
          );
          expect(rig.journal.kept).toBe(0);
          for (const client of ['a', 'b']) {
            expect(await rig.storedTotal(client)).toBe(rig.expectedTotal(client));
            expect(rig.board.total(client, rig.timing.nowMs()).posts).toBe(rig.expectedTotal(client));
          }
          await rig.end();
        },
      ),
      { numRuns: draws(50) },
    );
  });
});
