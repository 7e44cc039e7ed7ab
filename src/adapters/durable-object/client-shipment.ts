/**
 * Hands one client's journal on to the ledger, and asks the ledger again now and then what it has. Where it was away or
 * has less than it had, what both keep is compared, as on Node.
 */

import type { AdminLog } from '../../admin/port.ts';
import { LedgerComparisons } from '../../meter/ledger-comparison.ts';
import { type LedgerRewind, LedgerShipment } from '../../meter/ledger-shipment.ts';
import type { ClientLedger } from '../edge/protocol.ts';
import type { ClientBooks } from './client-books.ts';

/** Batches in one go: the platform ends an alarm after 15 minutes, and other clients wait for the same connections. */
const MAX_BATCHES = 20;
/** Pages of batches compared in one go, for the same reasons. */
const MAX_PAGES = 20;

export class ClientShipment {
  readonly #books: ClientBooks;
  readonly #ledger: ClientLedger;
  readonly #log: Pick<AdminLog, 'error'>;
  readonly #maxPages: number;
  #shipment: LedgerShipment | null = null;
  /** Where what both keep is being compared. */
  #comparisons: LedgerComparisons | null = null;

  /** @param maxPages of batches that are compared in one go. */
  constructor(books: ClientBooks, ledger: ClientLedger, log: Pick<AdminLog, 'error'>, maxPages = MAX_PAGES) {
    this.#maxPages = maxPages;
    this.#books = books;
    this.#ledger = ledger;
    this.#log = log;
    books.journal.onRewind = (rewind) => this.#reportRewind(rewind);
  }

  /** The ledger lacks records, as far as is known here. */
  get isBehind(): boolean {
    const { confirmed, lastSequence } = this.#books.journal;
    return confirmed < lastSequence;
  }

  /** There is more to do at once. */
  get isUnderWay(): boolean {
    return this.isBehind || this.#comparisons !== null;
  }

  /** Fills a window that is new, then ships. Throws where the ledger is away; nothing is lost by that. */
  async run(): Promise<void> {
    try {
      await this.#fill();
      await this.#ship();
      if (this.#books.isDoubted) await this.#compare();
    } catch (error) {
      this.#shipment = null;
      this.#comparisons?.wasAway();
      this.#books.isDoubted = true;
      throw error;
    }
  }

  /** Before anything is shipped: what the ledger then has of the client is all of others and of the time before. */
  async #fill(): Promise<void> {
    const { clientId, isKnown, oldestWindowMs } = this.#books;
    if (clientId === null || isKnown) return;
    this.#books.fill(await this.#ledger.postsOf(clientId, oldestWindowMs));
  }

  async #ship(): Promise<void> {
    const { journal } = this.#books;
    // One that is new asks the ledger first: with nothing to offer, the question is why we are here.
    if (!this.isBehind) this.#shipment = null;
    this.#shipment ??= new LedgerShipment(journal, this.#ledger);
    for (let batches = 0; batches < MAX_BATCHES; batches++) {
      const more = await this.#shipment.step();
      journal.confirm(this.#shipment.confirmed);
      if (!more) return;
    }
  }

  #reportRewind({ journalId, had, has }: LedgerRewind): void {
    this.#books.isDoubted = true;
    this.#comparisons?.rewind(has);
    const rewind = { client: this.#books.clientId, journal: journalId, had, has };
    this.#log.error(rewind, 'the ledger lost what it had taken; the journal offers it again');
  }

  /** As many pages as one go may take; the next one continues. */
  async #compare(): Promise<void> {
    const { journal } = this.#books;
    this.#comparisons ??= new LedgerComparisons(journal, this.#ledger);
    for (let pages = 0; pages < this.#maxPages; pages++) {
      await this.#comparisons.step(journal.confirmed);
      if (this.#comparisons.isUnderWay) continue;
      this.#comparisons = null;
      this.#books.isDoubted = false;
      return;
    }
  }
}
