/** Ships the journal to the ledger: batches in order, one in flight, from the ledger's current sequence on. */

import { batchOf } from './batch.ts';
import type { Journal, JournalRecord, UsageLedger } from './port.ts';

/** Records per batch. At one per turn of the event loop, some seconds of a busy gateway in one transaction. */
const MAX_BATCH_RECORDS = 5_000;
/** Ids per batch, unless one record has more. Billed one by one, they take PGlite 3 s of CPU. */
const MAX_BATCH_IDS = 100_000;

/** Without anything to send the ledger is still queried every 10 s or so, because it may have lost its tail. */
const IDLE_STEPS_PER_QUESTION = 10;

/**
 * The ledger no longer has what it had: it failed over to a copy without the last seconds, or was restored to an
 * older state.
 */
export interface LedgerRewind {
  readonly journalId: string;
  /** The last sequence that it had confirmed, and the last that it has now. */
  readonly had: number;
  readonly has: number;
}

/** What a shipment needs of the ledger. */
type ReceivingLedger = Pick<UsageLedger, 'take' | 'lastSequence' | 'skipLost' | 'holdClients'>;

export class LedgerShipment {
  readonly #journal: Journal;
  readonly #ledger: ReceivingLedger;
  readonly #onRewind: (rewind: LedgerRewind) => void;
  /** The last record written before this start, which the ledger may know of at the first contact. */
  readonly #lastAtStart: number;
  /** Null if unknown; the ledger is queried before anything is sent. */
  #cursor: number | null = null;
  #contacted = false;
  /** Idle steps since the last query. */
  #idleSteps = 0;
  /** The journal has returned records up to here. If it no longer does, it has lost them. */
  #readUpTo: number;
  /** The hold that the ledger has not stored yet. */
  #rewind: LedgerRewind | null = null;
  /** The last sequence that the ledger has confirmed. */
  confirmed = 0;

  constructor(
    journal: Journal,
    ledger: ReceivingLedger,
    onRewind: (rewind: LedgerRewind) => void = () => {},
  ) {
    this.#journal = journal;
    this.#ledger = ledger;
    this.#onRewind = onRewind;
    this.#lastAtStart = journal.lastSequence;
    this.#readUpTo = this.#lastAtStart;
  }

  /** Records that the ledger lacks; before its first response, those since the start. */
  get lagRecords(): number {
    return this.#journal.lastSequence - (this.#contacted ? this.confirmed : this.#lastAtStart);
  }

  /** True once the ledger has reported its sequence. */
  get isKnown(): boolean {
    return this.#contacted;
  }

  /** Sends the next batch. Returns true if more was there at the start. After a failure it first asks what the ledger has. */
  async step(): Promise<boolean> {
    const cursor = this.#cursor ?? (await this.#ask());
    this.#cursor = null;
    if (this.#rewind !== null) await this.#holdIssuing(this.#rewind);
    const { readableUpTo: readable = this.#journal.lastSequence } = this.#journal;
    const records = await this.#journal.read(cursor, MAX_BATCH_RECORDS);
    if (records.length === 0 && cursor < this.#readUpTo) {
      this.#heard(await this.#skipLost(cursor + 1, this.#readUpTo));
      return true;
    }
    if (records.length === 0) {
      this.#idleSteps = (this.#idleSteps + 1) % IDLE_STEPS_PER_QUESTION;
      if (this.#idleSteps > 0) this.#cursor = cursor;
      return false;
    }
    this.#readUpTo = Math.max(this.#readUpTo, records.at(-1)!.sequence);
    const first = records[0]!.sequence;
    this.#heard(
      first === cursor + 1
        ? await this.#ledger.take(batchOf(this.#journal.id, withinBound(records)))
        : await this.#skipLost(cursor + 1, first - 1),
    );
    // Later records go with the next flush, because a transaction costs the same whatever its size.
    this.#cursor = this.confirmed;
    return this.#cursor < readable;
  }

  async #ask(): Promise<number> {
    const known = await this.#ledger.lastSequence(this.#journal.id);
    if (!this.#contacted && known > this.#lastAtStart) await this.#renumber(known);
    this.#heard(known);
    this.#contacted = true;
    return known;
  }

  #heard(known: number): void {
    // After a start, only the journal knows what was confirmed.
    const had = Math.max(this.confirmed, this.#journal.confirmed);
    this.confirmed = known;
    this.#journal.rewind(known);
    if (known >= had) return;
    this.#rewind = { journalId: this.#journal.id, had, has: known };
    this.#onRewind(this.#rewind);
  }

  /**
   * The invoices of that time are missing too, and their numbers would be given again. Retried until it is stored.
   */
  async #holdIssuing({ journalId, had, has }: LedgerRewind): Promise<void> {
    const reason =
      `the ledger was restored to an older state: it has records of journal ${journalId} up to ${has} and had ` +
      `confirmed ${had}. The usage is sent again automatically. Check GET /v1/invoice-numbers for missing invoices, ` +
      'advance the series if there are any, then release this hold.';
    await this.#ledger.holdClients([{ clientId: null, code: 'ledger_set_back', reason }]);
    this.#rewind = null;
  }

  /** Neither has these records: the ledger was restored to a state older than what the journal keeps. */
  #skipLost(firstSequence: number, lastSequence: number): Promise<number> {
    const reason =
      `the ledger lacks records ${firstSequence} to ${lastSequence} of journal ${this.#journal.id}, which no longer ` +
      'keeps them: it was restored to a state older than journal.retainSeconds, or is another database. The affected ' +
      'clients are unknown. Restore the newer ledger, or release the hold and state why the records may be dropped.';
    return this.#ledger.skipLost(this.#journal.id, firstSequence, lastSequence, reason);
  }

  /**
   * The ledger knows sequences that this journal has not given: its folder is an older copy of itself. The ledger
   * would take records written since the start for replays, so they are rewritten with new sequences.
   */
  async #renumber(known: number): Promise<void> {
    const colliding = [];
    for (let at = this.#lastAtStart; at < this.#journal.lastSequence; ) {
      const records = await this.#journal.read(at, MAX_BATCH_RECORDS);
      const last = records.at(-1)?.sequence;
      if (last === undefined) throw new Error('the journal is not synced yet');
      colliding.push(...records);
      at = last;
    }
    if (known > this.#journal.lastSequence) this.#journal.confirm(known);
    for (const { sequence, usage, gap } of colliding) {
      if (sequence <= known) this.#journal.append(usage, gap);
    }
  }
}

/** The first records, at least one, with no more ids than a batch may have. */
function withinBound(records: readonly JournalRecord[]): readonly JournalRecord[] {
  let ids = 0;
  const end = records.findIndex(({ usage }, at) => {
    for (const one of usage) ids += (one.ids?.length ?? 0) / 2;
    return at > 0 && ids > MAX_BATCH_IDS;
  });
  return end < 0 ? records : records.slice(0, end);
}
