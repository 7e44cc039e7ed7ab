/** The window store as gateways see it: across a network, flushed, or replaced by a copy without the last adds. */

import { memoryWindow } from '../../src/adapters/memory/window.ts';
import { type Total, type WindowBase, WindowError, type WindowStore } from '../../src/meter/port.ts';
import { Network } from './network.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

type Change = (store: WindowStore) => Promise<unknown>;
type Listener = { readonly process: SimulatedProcess; readonly tell: (totals: readonly Total[]) => void };

/** Until every process has noticed that the old epoch has ended. */
const SETTLE_MS = 2_000;
const CLAIM_MS = 30_000;

export class WindowServer {
  readonly network: Network;
  readonly #world: World;
  #store = memoryWindow();
  /** All changes since it was empty. Replaying all but the last ones makes a copy that lacks those. */
  #changes: Change[] = [];
  /** The process that rebuilds, and the end of its claim. A copy does not have it. */
  #claim: { readonly epoch: number; readonly untilMs: number } | null = null;
  readonly #listeners = new Set<Listener>();

  constructor(world: World) {
    this.#world = world;
    const { scheduler, random, tally } = world;
    this.network = new Network({ server: 'window', scheduler, random, tally, isTcp: true });
  }

  flush(): void {
    this.#store = memoryWindow();
    this.#changes = [];
    this.#claim = null;
  }

  /** A copy without the last `count` changes takes over. */
  async failOver(count: number): Promise<void> {
    const changes = this.#changes.slice(0, Math.max(0, this.#changes.length - count));
    const store = memoryWindow();
    // A change that failed fails again, and had no effect.
    for (const change of changes) await change(store).catch(() => {});
    this.#store = store;
    this.#changes = changes;
    this.#claim = null;
    this.network.serverChanged();
  }

  totals(clients: ReadonlyArray<{ clientId: string; windowMs: number }>, nowMs: number) {
    return this.#store.totals(clients, nowMs);
  }

  /** Like the adapter for Redis, it adds only to the epoch of the store that `base` returned. */
  storeFor(process: SimulatedProcess): WindowStore {
    const places = new Map<string, { epoch: number; noted: number }>();
    const call = <T>(what: string, execute: () => Promise<T>) =>
      this.network.call(process, what, execute, away);
    return {
      base: async (journalId) => {
        const base = await call('base', () => this.#store.base(journalId));
        if (base !== null) places.set(journalId, { epoch: base.epoch, noted: base.lastSequence });
        return base;
      },
      add: async (journalId, lastSequence, adds, nowMs) => {
        const place = places.get(journalId);
        if (place === undefined) throw lost();
        const { epoch, noted } = place;
        const totals = await call('add', async () => {
          if (!stands(await this.#store.base(journalId), epoch, noted)) throw lost();
          const answer = await this.#change((store) => store.add(journalId, lastSequence, adds, nowMs));
          this.#tell(process, answer);
          return answer;
        });
        place.noted = Math.max(place.noted, lastSequence);
        return totals;
      },
      totals: (clients, nowMs) => call('totals', () => this.#store.totals(clients, nowMs)),
      beginRebuild: async (nowMs) => {
        const epoch = await call('beginRebuild', () => this.#begin(nowMs));
        if (epoch === null) return null;
        await process.sleep(SETTLE_MS, new AbortController().signal);
        return epoch;
      },
      // As in Redis it does not check a claim, because a client and the claim may be on different nodes.
      restore: (epoch, clients, nowMs) =>
        call('restore', () => this.#change((store) => store.restore(epoch, clients, nowMs))),
      endRebuild: (epoch, sequences) =>
        call('endRebuild', async () => {
          if (this.#claim?.epoch !== epoch) throw lost();
          this.#claim = null;
          await this.#change((store) => store.endRebuild(epoch, sequences));
        }),
      watch: async (tell) => {
        const listener = { process, tell };
        this.#listeners.add(listener);
        return async () => void this.#listeners.delete(listener);
      },
      close: async () => {},
    };
  }

  #change<T>(run: (store: WindowStore) => Promise<T>): Promise<T> {
    this.#changes.push(run);
    return run(this.#store);
  }

  async #begin(nowMs: number): Promise<number | null> {
    const { scheduler } = this.#world;
    if (this.#claim !== null && this.#claim.untilMs > scheduler.nowMs) return null;
    const epoch = await this.#change((store) => store.beginRebuild(nowMs));
    if (epoch !== null) this.#claim = { epoch, untilMs: scheduler.nowMs + CLAIM_MS };
    return epoch;
  }

  #tell(from: SimulatedProcess, totals: readonly Total[]): void {
    for (const { process, tell } of this.#listeners) {
      if (process === from) continue;
      process.later(this.#world.random.int(1, 100), () => tell(totals));
    }
  }
}

function stands(base: WindowBase | null, epoch: number, noted: number): boolean {
  return base !== null && base.epoch === epoch && base.lastSequence >= noted;
}

function away(reason: string): WindowError {
  return new WindowError('window_away', `the window store is away: ${reason}`);
}

function lost(): WindowError {
  return new WindowError('window_lost', 'the window store is of another life');
}
