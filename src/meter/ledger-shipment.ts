/** Journal to ledger: batches in order, one in flight, from wherever the ledger says it stands. */

import { batchOf } from './batch.ts';
import { type Journal, JournalError, type JournalRecord, type UsageLedger } from './port.ts';

/** Records per batch: at a turn of the event loop each, some seconds of a busy gateway in one transaction. */
const maxBatchRecords = 5_000;
/** Ids per batch, where one record does not hold more by itself: billed one by one they take PGlite 3 s of CPU. */
const maxBatchIds = 100_000;

export class LedgerShipment {
  readonly #journal: Journal;
  readonly #ledger: UsageLedger;
  /** The last record written before this start: what the ledger may know of at the first contact. */
  readonly #lastAtStart: number;
  /** Null: not known; asked of the ledger before anything is offered. */
  #cursor: number | null = null;
  #contacted = false;
  /** The last sequence that the ledger has answered. */
  confirmed = 0;

  constructor(journal: Journal, ledger: UsageLedger) {
    this.#journal = journal;
    this.#ledger = ledger;
    this.#lastAtStart = journal.lastSequence;
  }

  /** Records that the ledger lacks; before it has answered for the first time, those since the start. */
  get lagRecords(): number {
    return this.#journal.lastSequence - (this.#contacted ? this.confirmed : this.#lastAtStart);
  }

  /** Offers the next batch; true where more may wait. After a failure nobody knows what was taken: it asks first. */
  async step(): Promise<boolean> {
    const cursor = this.#cursor ?? (await this.#ask());
    this.#cursor = null;
    const records = await this.#journal.read(cursor, maxBatchRecords);
    if (records.length === 0) {
      this.#cursor = cursor;
      return false;
    }
    if (records[0]!.sequence !== cursor + 1)
      throw ledgerIsBehind(this.#journal.id, cursor, records[0]!.sequence);
    this.#cursor = await this.#ledger.take(batchOf(this.#journal.id, withinBound(records)));
    this.confirmed = this.#cursor;
    return this.#cursor < this.#journal.lastSequence;
  }

  async #ask(): Promise<number> {
    const known = await this.#ledger.lastSequence(this.#journal.id);
    if (!this.#contacted && known > this.#lastAtStart) await this.#renumber(known);
    this.#contacted = true;
    this.confirmed = known;
    return known;
  }

  /**
   * The ledger knows sequences that this journal has not given: its folder is an older copy of itself. Records
   * written since the start bear numbers that the ledger would take for replays, so they are written anew behind.
   */
  async #renumber(known: number): Promise<void> {
    const colliding = [];
    for (let at = this.#lastAtStart; at < this.#journal.lastSequence; ) {
      const records = await this.#journal.read(at, maxBatchRecords);
      const last = records.at(-1)?.sequence;
      if (last === undefined) throw new Error('the journal is not synced yet');
      colliding.push(...records);
      at = last;
    }
    if (known > this.#journal.lastSequence) this.#journal.confirm(known);
    for (const { sequence, usage } of colliding) if (sequence <= known) this.#journal.append(usage);
  }
}

/** The first records, at least one, with no more ids than a batch may hold. */
function withinBound(records: readonly JournalRecord[]): readonly JournalRecord[] {
  let ids = 0;
  const end = records.findIndex(({ usage }, at) => {
    for (const one of usage) ids += (one.ids?.length ?? 0) / 2;
    return at > 0 && ids > maxBatchIds;
  });
  return end < 0 ? records : records.slice(0, end);
}

function ledgerIsBehind(journalId: string, ledgerHas: number, journalHas: number): JournalError {
  return new JournalError(
    'ledger_behind',
    `The ledger has journal ${journalId} up to record ${ledgerHas}, and the journal begins at ${journalHas}: the ` +
      'ledger was set back, or segments were removed. Restore the newer ledger or the missing segments.',
  );
}
