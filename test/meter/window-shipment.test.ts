import { beforeEach, describe, expect, it } from 'vitest';
import { memoryWindow } from '../../src/adapters/memory/window.ts';
import { WindowError, type WindowStore } from '../../src/meter/port.ts';
import { TotalsCache } from '../../src/meter/totals/totals-cache.ts';
import { WindowShipment } from '../../src/meter/window-shipment.ts';
import { MemoryJournal } from './memory-journal.ts';
import { SimulatedTiming } from './simulated-timing.ts';
import { usageOf } from './usages.ts';

const WINDOW_MS = 600_000;
const bucketMs = Date.UTC(2026, 2, 1);

/**
 * A store across a network, as Redis is. It adds to the epoch that `base` returned, if that is still the current one.
 */
class FarWindow {
  server = memoryWindow();
  #place = { epoch: 0, noted: 0 };
  /** If true, the next add is delayed. */
  isLate = false;
  #late: (() => Promise<unknown>) | undefined;

  readonly store: WindowStore = {
    ...memoryWindow(),
    base: async (journalId) => {
      const base = await this.server.base(journalId);
      if (base !== null) this.#place = { epoch: base.epoch, noted: base.lastSequence };
      return base;
    },
    add: async (journalId, lastSequence, adds, nowMs) => {
      const { epoch, noted } = this.#place;
      const execute = async () => {
        const base = await this.server.base(journalId);
        if (base?.epoch !== epoch || base.lastSequence < noted) throw new WindowError('window_lost', 'lost');
        return this.server.add(journalId, lastSequence, adds, nowMs);
      };
      if (this.isLate) {
        this.isLate = false;
        this.#late = execute;
        throw new WindowError('window_away', 'no answer');
      }
      const totals = await execute();
      this.#place.noted = lastSequence;
      return totals;
    },
  };

  /** Applies the delayed add now, without a caller that waits for the result. */
  async arrive(): Promise<void> {
    await this.#late?.().catch(() => {});
  }
}

describe('shipping to a window store after a failover to a copy without the last adds', () => {
  const timing = new SimulatedTiming(bucketMs);
  let far: FarWindow;
  let journal: MemoryJournal;
  let shipment: WindowShipment;
  let rebuilds: number;

  /** A store as a rebuild leaves it if the ledger has no records yet. */
  async function open(store: WindowStore, epochMs: number): Promise<void> {
    const epoch = await store.beginRebuild(epochMs);
    await store.endRebuild(epoch!, new Map());
  }

  beforeEach(async () => {
    far = new FarWindow();
    await open(far.server, bucketMs);
    journal = new MemoryJournal('journal');
    rebuilds = 0;
    const windowMsOf = () => WINDOW_MS;
    shipment = new WindowShipment({
      journal,
      window: far.store,
      totals: new TotalsCache({ window: far.store, windowMsOf, timing }),
      windowMsOf,
      timing,
      ledgerHas: () => 0,
      rebuild: async () => {
        rebuilds++;
        await open(far.server, bucketMs + rebuilds);
        return true;
      },
      baseCheckMs: 0,
    });
  });

  const record = (clientId: string, posts: number) =>
    journal.append([usageOf({ clientId, posts, bucketMs })]);

  /** Repeats failed steps, as the poll loop does. */
  async function ship(): Promise<void> {
    for (let steps = 0; shipment.cursor < journal.lastSequence || !shipment.settled; steps++) {
      expect(steps).toBeLessThan(20);
      await shipment.step().catch(() => {});
    }
  }

  const posts = async (clientId: string) =>
    (await far.server.totals([{ clientId, windowMs: WINDOW_MS }], timing.nowMs()))[0]!.posts;

  it('counts an abandoned batch once, even if it arrives after its records were sent again', async () => {
    record('amber', 1);
    await ship();
    record('amber', 2);
    await ship();
    const copy = memoryWindow();
    await open(copy, bucketMs);
    await copy.add(
      'journal',
      1,
      [{ clientId: 'amber', windowMs: WINDOW_MS, posts: [{ bucketMs, posts: 1 }] }],
      bucketMs,
    );
    far.server = copy;
    record('amber', 4);
    record('birch', 8);
    far.isLate = true;
    await expect(shipment.step()).rejects.toThrow('no answer');
    await ship();
    await far.arrive();
    expect({ amber: await posts('amber'), birch: await posts('birch') }).toEqual({ amber: 7, birch: 8 });
    expect(rebuilds).toBe(1);
  });

  it('an older life of the store that comes back is rebuilt', async () => {
    record('amber', 1);
    await ship();
    const copy = far.server;
    far.server = memoryWindow();
    record('amber', 2);
    await ship();
    expect(rebuilds).toBe(1);
    far.server = copy;
    record('amber', 4);
    await ship();
    expect(await posts('amber')).toBe(7);
    expect(rebuilds).toBe(2);
  });
});
