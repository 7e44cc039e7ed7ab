/**
 * Compares the records that the journal still keeps with the batches that the ledger took of it, at every start and
 * after the ledger was unreachable. A tail that the ledger lost is sent again automatically (`ledger-shipment.ts`).
 * Earlier differences cannot be repaired, because sums cannot be separated, so billing of the affected clients is
 * put on hold.
 */

import { contentOf, type Leaf, leavesOf } from './chain/leaves.ts';
import type {
  BillingHold,
  BillingHoldCode,
  Journal,
  JournalRecord,
  TakenBatch,
  UsageLedger,
} from './port.ts';
import type { Usage } from './usage.ts';

/** Batches read at once: some seconds of a busy gateway. */
const PAGE_BATCHES = 20;
const READ_RECORDS = 5_000;

type ComparedLedger = Pick<UsageLedger, 'taken' | 'holdClients' | 'lastSequence'>;

/** Records before the last confirmed one that are compared after an outage. At a start all are compared. */
const COMPARED_RECORDS = 20_000;

/** Schedules comparisons and determines where they start. */
export class LedgerComparisons {
  readonly #journal: Pick<Journal, 'id' | 'read'>;
  readonly #ledger: ComparedLedger;
  #underWay: LedgerComparison | null = null;
  /** The sequence after which a comparison must start; null if none is due. */
  #dueAfter: number | null = 0;
  #isAway = false;

  constructor(journal: Pick<Journal, 'id' | 'read'>, ledger: ComparedLedger) {
    this.#journal = journal;
    this.#ledger = ledger;
  }

  /** The ledger failed, so another one may respond next. */
  wasAway(): void {
    this.#isAway = true;
  }

  /** The ledger has records only up to `sequence`, and had more. */
  rewind(sequence: number): void {
    this.#due(sequence - COMPARED_RECORDS);
  }

  get isUnderWay(): boolean {
    return this.#underWay !== null;
  }

  /** Compares a page of what is due, up to the sequence `confirmed` by the ledger. */
  async step(confirmed: number): Promise<void> {
    if (this.#isAway) this.#due(confirmed - COMPARED_RECORDS);
    this.#isAway = false;
    if (this.#dueAfter !== null) {
      this.#underWay = new LedgerComparison(this.#journal, this.#ledger, this.#dueAfter, confirmed);
      this.#dueAfter = null;
    }
    if (this.#underWay !== null && !(await this.#underWay.step())) this.#underWay = null;
  }

  /** Restarts a comparison in progress, so that nothing is left out. */
  #due(afterSequence: number): void {
    const from = Math.max(0, afterSequence);
    this.#dueAfter = Math.min(from, this.#dueAfter ?? from, this.#underWay?.at ?? from);
  }
}

/** What the journal still has of some records. */
interface OwnRecords {
  readonly usage: readonly Usage[];
  /** True if the contents of some records are lost. */
  readonly isDamaged: boolean;
}

class LedgerComparison {
  readonly #journal: Pick<Journal, 'id' | 'read'>;
  readonly #ledger: ComparedLedger;
  /** Everything up to here was compared, or is not kept by the journal. */
  at: number;
  /** True if the last pass found a difference. */
  #isDoubted = false;
  /** The end: later batches were sent by this process. */
  readonly #until: number;

  /** Compares the records after `afterSequence` up to `until`, which the ledger has confirmed. */
  constructor(
    journal: Pick<Journal, 'id' | 'read'>,
    ledger: ComparedLedger,
    afterSequence: number,
    until: number,
  ) {
    this.#journal = journal;
    this.#ledger = ledger;
    this.at = afterSequence;
    this.#until = until;
  }

  /**
   * Compares the next batches. Returns false once all have been compared. After a failure it continues where it
   * was.
   */
  async step(): Promise<boolean> {
    const [oldest] = await this.#journal.read(this.at, 1);
    if (oldest === undefined || oldest.sequence > this.#until) return false;
    // Dropped records cannot be compared.
    const kept = oldest.sequence - 1;
    const { chainedFrom, batches } = await this.#ledger.taken(this.#journal.id, kept, PAGE_BATCHES);
    const from = Math.max(kept, chainedFrom);
    const holds = await this.#compare(from, batches);
    if (holds.length > 0) {
      // The ledger may have been restored to an older state since it confirmed them. They are then sent again and
      // compared afterwards.
      if ((await this.#ledger.lastSequence(this.#journal.id)) < this.#until) return false;
      // The ledger may also have them again by now, so a difference counts only if it is found twice.
      const wasDoubted = this.#isDoubted;
      this.#isDoubted = !wasDoubted;
      if (!wasDoubted) return true;
      await this.#ledger.holdClients(holds);
    }
    this.#isDoubted = false;
    this.at = batches.length < PAGE_BATCHES ? this.#until : batches.at(-1)!.lastSequence;
    return this.at < this.#until;
  }

  async #compare(from: number, batches: readonly TakenBatch[]): Promise<BillingHold[]> {
    const holds: BillingHold[] = [];
    let at = from;
    for (const batch of batches) {
      holds.push(...(await this.#missing(at, Math.min(batch.firstSequence - 1, this.#until))));
      // A batch that begins before the kept records could only be compared in part.
      if (batch.firstSequence > at) holds.push(...(await this.#differing(batch)));
      at = batch.lastSequence;
    }
    if (batches.length < PAGE_BATCHES) holds.push(...(await this.#missing(at, this.#until)));
    return holds;
  }

  /** The ledger has a later sequence than these records, but no batch of them. */
  async #missing(after: number, upTo: number): Promise<BillingHold[]> {
    if (upTo <= after) return [];
    const { usage } = await this.#own(after, upTo);
    const reason = `the ledger counts records ${after + 1} to ${upTo} of journal ${this.#journal.id} as taken and has no batch of them`;
    return holdsOf(leavesOf(usage), 'batches_missing', reason);
  }

  async #differing({ firstSequence, lastSequence, leaves }: TakenBatch): Promise<BillingHold[]> {
    const { usage, isDamaged } = await this.#own(firstSequence - 1, lastSequence);
    const own = leavesOf(usage);
    if (contentOf(own) === contentOf(leaves)) return [];
    const reason = `the ledger and journal ${this.#journal.id} have different usage for its records ${firstSequence} to ${lastSequence}`;
    // The ledger may have taken what the disk has lost since, and then has more. It must have at least what is left
    // here.
    const concerned = isDamaged ? beyond(own, leaves) : differing(own, leaves);
    return holdsOf(concerned, 'batches_differ', reason);
  }

  async #own(after: number, upTo: number): Promise<OwnRecords> {
    const usage: Usage[] = [];
    let isDamaged = false;
    for (let at = after; at < upTo; ) {
      const page: readonly JournalRecord[] = await this.#journal.read(at, Math.min(READ_RECORDS, upTo - at));
      const records = page.filter(({ sequence }) => sequence <= upTo);
      if (records.length === 0) break;
      for (const record of records) {
        usage.push(...record.usage);
        isDamaged ||= record.isDamaged === true;
      }
      at = records.at(-1)!.sequence;
    }
    return { usage, isDamaged };
  }
}

/** The leaves that only one of the two has. */
function differing(a: readonly Leaf[], b: readonly Leaf[]): Leaf[] {
  const [ofA, ofB] = [a, b].map((leaves) => new Set(leaves.map((leaf) => JSON.stringify(leaf))));
  const only = (leaves: readonly Leaf[], others: Set<string> | undefined) =>
    leaves.filter((leaf) => !others?.has(JSON.stringify(leaf)));
  return [...only(a, ofB), ...only(b, ofA)];
}

/** The leaves of `own` with a figure that exceeds the one in `leaves`. */
function beyond(own: readonly Leaf[], leaves: readonly Leaf[]): Leaf[] {
  const keyOf = (clientId: string, identifierId: string, bucketMs: number) =>
    JSON.stringify([clientId, identifierId, bucketMs]);
  const inLedger = new Map(
    leaves.flatMap(([clientId, identifierId, rows]) =>
      rows.map((row) => [keyOf(clientId, identifierId, row[0]), row] as const),
    ),
  );
  return own.filter(([clientId, identifierId, rows]) =>
    rows.some((row) => {
      const other = inLedger.get(keyOf(clientId, identifierId, row[0]));
      return row.some((figure, at) => figure > (other?.[at] ?? Number.NEGATIVE_INFINITY));
    }),
  );
}

function holdsOf(leaves: readonly Leaf[], code: BillingHoldCode, reason: string): BillingHold[] {
  const clientIds = [...new Set(leaves.map(([clientId]) => clientId))];
  const fix = 'Compare the two, correct the wrong one, and release the hold.';
  return clientIds.map((clientId) => ({ clientId, code, reason: `${reason}. ${fix}` }));
}
