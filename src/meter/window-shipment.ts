/**
 * Ships the journal to the window store: batches in order, one in flight, each resent unchanged until it is taken.
 */

import { windowAdds } from './batch.ts';
import {
  type Journal,
  type Timing,
  type WindowAdd,
  type WindowBase,
  WindowError,
  type WindowStore,
} from './port.ts';
import type { TotalsCache } from './totals/totals-cache.ts';

/** Records per batch, and so the maximum number that only some clients may have taken when a process dies. */
const MAX_BATCH_RECORDS = 1_000;
/**
 * Sent one by one after a start: the batch in flight when the process died, and nine more that a replica may lack.
 */
const MAX_REPLAYED = 10 * MAX_BATCH_RECORDS;

export interface WindowShipmentOptions {
  readonly journal: Journal;
  readonly window: WindowStore;
  readonly totals: TotalsCache;
  readonly windowMsOf: (clientId: string) => number;
  readonly timing: Pick<Timing, 'nowMs' | 'monotonicMs'>;
  /** The last sequence that the ledger has confirmed. */
  readonly ledgerHas: () => number;
  /** Returns true when rebuilt, false while another process rebuilds. */
  readonly rebuild: () => Promise<boolean>;
  /** Interval of checks of the store's epoch while there is nothing to add. */
  readonly baseCheckMs: number;
}

interface Batch {
  readonly lastSequence: number;
  /** There were records behind it. */
  readonly hasMore: boolean;
  readonly adds: readonly WindowAdd[];
  /** The part that the totals board still counts as this process's own: not what was taken once and is resent. */
  readonly fresh: readonly WindowAdd[];
}

export class WindowShipment {
  readonly #options: WindowShipmentOptions;
  /** The life of the store that the cursor belongs to; null if it must be queried. */
  #epoch: number | null = null;
  #lastEpoch: number | null = null;
  #cursor = 0;
  #batch: Batch | null = null;
  readonly #lastAtStart: number;
  /** Up to here records are sent one by one, because batches with other ends may have been taken by some clients. */
  #replayUpTo = 0;
  /** The newest record that was ever taken, in any life of the store. */
  #everTaken: number;
  #lookedAtMs = 0;

  constructor(options: WindowShipmentOptions) {
    this.#options = options;
    this.#lastAtStart = options.journal.lastSequence;
    this.#everTaken = this.#lastAtStart;
  }

  /** The last sequence of the journal known to be in the store. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Records that the store lacks; before its first response, those since the start. */
  get lagRecords(): number {
    return this.#options.journal.lastSequence - (this.#lastEpoch === null ? this.#lastAtStart : this.#cursor);
  }

  /** False while the store's position is unknown. */
  get settled(): boolean {
    return this.#epoch !== null;
  }

  /** Adds the next batch. Returns true if more may be waiting. */
  async step(): Promise<boolean> {
    if (this.#epoch === null && !(await this.#findBase())) return this.#options.rebuild();
    this.#batch ??= await this.#nextBatch();
    if (!this.#batch) return this.#lookAtBase();
    const batch = this.#batch;
    await this.#ship(batch);
    this.#cursor = batch.lastSequence;
    this.#batch = null;
    // What came meanwhile gathers.
    return batch.hasMore || this.#options.totals.isUrgent;
  }

  async #findBase(): Promise<boolean> {
    const { window, journal } = this.#options;
    const base = await window.base(journal.id);
    if (!base || this.#isSetBack(base)) return false;
    await this.#settleUpTo(base.lastSequence);
    if (base.epoch !== this.#lastEpoch) this.#options.totals.askRecent(true);
    this.#replayUpTo = this.#mayBeTakenInPart(base);
    this.#batch = null;
    this.#cursor = base.lastSequence;
    this.#epoch = base.epoch;
    this.#lastEpoch = base.epoch;
    this.#lookedAtMs = this.#options.timing.monotonicMs();
    return true;
  }

  /**
   * Detects a window store restored to an older state. We rebuild it rather than resend, because an abandoned batch
   * may still arrive, and clients would take part of a batch with another end twice. A new life refuses it.
   */
  #isSetBack({ epoch, lastSequence }: WindowBase): boolean {
    if (this.#lastEpoch === null) return false;
    return epoch < this.#lastEpoch || (epoch === this.#lastEpoch && lastSequence < this.#cursor);
  }

  /** What a rebuild has brought into the store from the ledger is no longer this process's own to add. */
  async #settleUpTo(sequence: number): Promise<void> {
    const { journal, totals, windowMsOf } = this.#options;
    while (this.#everTaken < sequence) {
      const records = await journal.read(this.#everTaken, MAX_BATCH_RECORDS);
      if (records[0]?.sequence !== this.#everTaken + 1) {
        totals.forgetOwn();
        this.#everTaken = sequence;
        return;
      }
      const taken = records.filter((record) => record.sequence <= sequence);
      totals.shipped(windowAdds(taken, windowMsOf), []);
      this.#everTaken = taken.at(-1)!.sequence;
    }
  }

  #mayBeTakenInPart(base: WindowBase): number {
    if (this.#lastEpoch === null) return Math.min(this.#lastAtStart, base.lastSequence + MAX_REPLAYED);
    // In a life of the store that began during our own run, no batch of ours was taken in part.
    if (base.epoch !== this.#lastEpoch) return 0;
    return Math.max(this.#replayUpTo, this.#batch?.lastSequence ?? 0, this.#cursor);
  }

  async #nextBatch(): Promise<Batch | null> {
    const { journal, windowMsOf } = this.#options;
    const single = this.#cursor < this.#replayUpTo;
    const { readableUpTo: readable = journal.lastSequence } = journal;
    const records = await journal.read(this.#cursor, single ? 1 : MAX_BATCH_RECORDS);
    const first = records[0];
    // Everything the ledger has can be read, unless it was dropped.
    const dropped = first ? first.sequence > this.#cursor + 1 : this.#cursor < this.#options.ledgerHas();
    if (dropped) await this.#closeGap();
    if (!first) return null;
    const adds = windowAdds(records, windowMsOf);
    const allFresh = first.sequence > this.#everTaken;
    const fresh = records.filter((record) => record.sequence > this.#everTaken);
    const lastSequence = records.at(-1)!.sequence;
    return {
      lastSequence,
      hasMore: lastSequence < readable,
      adds,
      fresh: allFresh ? adds : windowAdds(fresh, windowMsOf),
    };
  }

  /** Records that the window lacks were dropped. The ledger has them, so the store is rebuilt from it. */
  async #closeGap(): Promise<never> {
    this.#epoch = null;
    await this.#options.rebuild();
    throw new WindowError(
      'window_lost',
      `The window store was unreachable for so long that records after ${this.#cursor} of the journal are only in the ` +
        'ledger; the store is being rebuilt from there.',
    );
  }

  async #ship(batch: Batch): Promise<void> {
    const { window, journal, totals, timing } = this.#options;
    totals.shipping(batch.adds);
    try {
      const answer = await window.add(journal.id, batch.lastSequence, batch.adds, timing.nowMs());
      totals.shipped(batch.fresh, answer);
      this.#everTaken = Math.max(this.#everTaken, batch.lastSequence);
      this.#lookedAtMs = timing.monotonicMs();
    } catch (error) {
      totals.notShipped(batch.adds);
      if (error instanceof WindowError && error.code === 'window_lost') this.#epoch = null;
      throw error;
    }
  }

  async #lookAtBase(): Promise<boolean> {
    const { window, journal, timing, baseCheckMs } = this.#options;
    if (timing.monotonicMs() - this.#lookedAtMs < baseCheckMs) return false;
    const base = await window.base(journal.id);
    this.#lookedAtMs = timing.monotonicMs();
    if (base?.epoch !== this.#epoch || base.lastSequence < this.#cursor) {
      this.#epoch = null;
      return true;
    }
    return false;
  }
}
