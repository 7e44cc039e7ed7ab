/**
 * Compares what the journal still keeps with the batches that the ledger says it took of it: at every start, and where
 * the ledger was away. A tail that the ledger lost is offered again by itself (`ledger-shipment.ts`); what differs
 * before that cannot be healed, since sums cannot be taken apart, and billing of the clients concerned stops.
 */

import { contentOf, type Leaf, leavesOf } from './chain/leaves.ts';
import type { Journal, JournalRecord, Parking, ParkingCode, TakenBatch, UsageLedger } from './port.ts';
import type { Usage } from './usage.ts';

/** Batches asked for at once: some seconds of a busy gateway. */
const batchesAPage = 20;
const recordsARead = 5_000;

type ComparedLedger = Pick<UsageLedger, 'taken' | 'park' | 'lastSequence'>;

/** Records before the last confirmed one that are compared where the ledger was away; at a start it is all. */
const comparedRecords = 20_000;

/** When to compare, and from where. */
export class LedgerComparisons {
  readonly #journal: Pick<Journal, 'id' | 'read'>;
  readonly #ledger: ComparedLedger;
  #underWay: LedgerComparison | null = null;
  /** The sequence after which a comparison has to begin; null where none is due. */
  #dueAfter: number | null = 0;
  #isAway = false;

  constructor(journal: Pick<Journal, 'id' | 'read'>, ledger: ComparedLedger) {
    this.#journal = journal;
    this.#ledger = ledger;
  }

  /** The ledger failed: another may answer next. */
  wasAway(): void {
    this.#isAway = true;
  }

  /** The ledger has records up to `sequence` alone, and had more. */
  setBack(sequence: number): void {
    this.#due(sequence - comparedRecords);
  }

  get isUnderWay(): boolean {
    return this.#underWay !== null;
  }

  /** Compares a page of what is due up to `confirmed`, which the ledger says that it has. */
  async step(confirmed: number): Promise<void> {
    if (this.#isAway) this.#due(confirmed - comparedRecords);
    this.#isAway = false;
    if (this.#dueAfter !== null) {
      this.#underWay = new LedgerComparison(this.#journal, this.#ledger, this.#dueAfter, confirmed);
      this.#dueAfter = null;
    }
    if (this.#underWay !== null && !(await this.#underWay.step())) this.#underWay = null;
  }

  /** What is under way begins anew, so that nothing of it is left out. */
  #due(afterSequence: number): void {
    const from = Math.max(0, afterSequence);
    this.#dueAfter = Math.min(from, this.#dueAfter ?? from, this.#underWay?.at ?? from);
  }
}

/** What the journal still has of some records. */
interface OwnRecords {
  readonly usage: readonly Usage[];
  /** It has lost what some of them held. */
  readonly isDamaged: boolean;
}

class LedgerComparison {
  readonly #journal: Pick<Journal, 'id' | 'read'>;
  readonly #ledger: ComparedLedger;
  /** Everything up to here was compared, or is not kept by the journal. */
  at: number;
  /** Something differed when it was last looked at. */
  #isDoubted = false;
  /** Where to end: what is taken while we compare was offered by ourselves. */
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

  /** Compares the next batches; false once all have been. After a failure it goes on where it was. */
  async step(): Promise<boolean> {
    const [oldest] = await this.#journal.read(this.at, 1);
    if (oldest === undefined || oldest.sequence > this.#until) return false;
    // What is not kept any more cannot be compared.
    const kept = oldest.sequence - 1;
    const { chainedFrom, batches } = await this.#ledger.taken(this.#journal.id, kept, batchesAPage);
    const from = Math.max(kept, chainedFrom);
    const parkings = await this.#compare(from, batches);
    if (parkings.length > 0) {
      // It may have been set back since it said that it has them: then they are offered again, and compared after that.
      if ((await this.#ledger.lastSequence(this.#journal.id)) < this.#until) return false;
      // Or have them again by now: only what is found twice is so.
      const wasDoubted = this.#isDoubted;
      this.#isDoubted = !wasDoubted;
      if (!wasDoubted) return true;
      await this.#ledger.park(parkings);
    }
    this.#isDoubted = false;
    this.at = batches.length < batchesAPage ? this.#until : batches.at(-1)!.lastSequence;
    return this.at < this.#until;
  }

  async #compare(from: number, batches: readonly TakenBatch[]): Promise<Parking[]> {
    const parkings: Parking[] = [];
    let at = from;
    for (const batch of batches) {
      parkings.push(...(await this.#missing(at, Math.min(batch.firstSequence - 1, this.#until))));
      // Of a batch that begins before what is kept only a part could be compared.
      if (batch.firstSequence > at) parkings.push(...(await this.#differing(batch)));
      at = batch.lastSequence;
    }
    if (batches.length < batchesAPage) parkings.push(...(await this.#missing(at, this.#until)));
    return parkings;
  }

  /** The ledger has a later sequence than these, and no batch of them. */
  async #missing(after: number, upTo: number): Promise<Parking[]> {
    if (upTo <= after) return [];
    const { usage } = await this.#own(after, upTo);
    const reason = `the ledger counts records ${after + 1} to ${upTo} of journal ${this.#journal.id} as taken and has no batch of them`;
    return parkingsOf(leavesOf(usage), 'batches_missing', reason);
  }

  async #differing({ firstSequence, lastSequence, leaves }: TakenBatch): Promise<Parking[]> {
    const { usage, isDamaged } = await this.#own(firstSequence - 1, lastSequence);
    const own = leavesOf(usage);
    if (contentOf(own) === contentOf(leaves)) return [];
    const reason = `ledger and journal ${this.#journal.id} tell different usage of its records ${firstSequence} to ${lastSequence}`;
    // The ledger may have taken what the disk has lost since, and knows better; what is left here it must have.
    const concerned = isDamaged ? beyond(own, leaves) : differing(own, leaves);
    return parkingsOf(concerned, 'batches_differ', reason);
  }

  async #own(after: number, upTo: number): Promise<OwnRecords> {
    const usage: Usage[] = [];
    let isDamaged = false;
    for (let at = after; at < upTo; ) {
      const page: readonly JournalRecord[] = await this.#journal.read(at, Math.min(recordsARead, upTo - at));
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

/** The leaves of `own` of which some figure is more than what `leaves` tell. */
function beyond(own: readonly Leaf[], leaves: readonly Leaf[]): Leaf[] {
  const keyOf = (clientId: string, identifierId: string, bucketMs: number) =>
    JSON.stringify([clientId, identifierId, bucketMs]);
  const told = new Map(
    leaves.flatMap(([clientId, identifierId, rows]) =>
      rows.map((row) => [keyOf(clientId, identifierId, row[0]), row] as const),
    ),
  );
  return own.filter(([clientId, identifierId, rows]) =>
    rows.some((row) => {
      const other = told.get(keyOf(clientId, identifierId, row[0]));
      return row.some((figure, at) => figure > (other?.[at] ?? Number.NEGATIVE_INFINITY));
    }),
  );
}

function parkingsOf(leaves: readonly Leaf[], code: ParkingCode, reason: string): Parking[] {
  const clientIds = [...new Set(leaves.map(([clientId]) => clientId))];
  const mend = 'Compare the two, put right which of them is wrong, and release the client.';
  return clientIds.map((clientId) => ({ clientId, code, reason: `${reason}. ${mend}` }));
}
