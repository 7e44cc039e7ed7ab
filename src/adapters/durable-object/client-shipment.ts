/**
 * Ships one client's journal to the ledger, and asks the ledger from time to time what it has. If the ledger was
 * unreachable or has fewer records than it had, ledger and journal are compared, as on Node.
 */

import type { AdminLog } from '../../admin/port.ts';
import { LedgerComparisons } from '../../meter/ledger-comparison.ts';
import { type LedgerRewind, LedgerShipment } from '../../meter/ledger-shipment.ts';
import type { ClientLedger } from '../edge/protocol.ts';
import type { ClientState } from './client-state.ts';

/** Batches per run. Cloudflare ends an alarm after 15 minutes, and other clients wait for the same connections. */
const MAX_BATCHES = 20;
/** Pages of batches that are compared per run, for the same reasons. */
const MAX_PAGES = 20;

export class ClientShipment {
  readonly #state: ClientState;
  readonly #ledger: ClientLedger;
  readonly #log: Pick<AdminLog, 'error'>;
  readonly #maxPages: number;
  #shipment: LedgerShipment | null = null;
  /** Null if nothing is being compared. */
  #comparisons: LedgerComparisons | null = null;

  /** @param maxPages of batches that are compared per run. */
  constructor(state: ClientState, ledger: ClientLedger, log: Pick<AdminLog, 'error'>, maxPages = MAX_PAGES) {
    this.#maxPages = maxPages;
    this.#state = state;
    this.#ledger = ledger;
    this.#log = log;
    state.journal.onRewind = (rewind) => this.#onRewind(rewind);
  }

  /** True if another run has work to do. */
  get hasMore(): boolean {
    return this.#isBehind || this.#comparisons !== null;
  }

  /** Fills a new window, then ships. Throws if the ledger is unreachable; nothing is lost then. */
  async run(): Promise<void> {
    try {
      await this.#fill();
      await this.#ship();
      if (this.#state.needsComparison) await this.#compare();
    } catch (error) {
      this.#shipment = null;
      this.#comparisons?.wasAway();
      this.#state.needsComparison = true;
      throw error;
    }
  }

  /** True if the ledger lacks records, as far as the journal knows. */
  get #isBehind(): boolean {
    const { confirmed, lastSequence } = this.#state.journal;
    return confirmed < lastSequence;
  }

  /** Runs before the first shipment, so that the ledger's posts of the client do not include this journal. */
  async #fill(): Promise<void> {
    const { clientId, isKnown, windowStartMs } = this.#state;
    if (clientId === null || isKnown) return;
    this.#state.fill(await this.#ledger.postsOf(clientId, windowStartMs));
  }

  async #ship(): Promise<void> {
    const { journal } = this.#state;
    // A new shipment first asks the ledger for its position. That is the purpose of a run without anything to ship.
    if (!this.#isBehind) this.#shipment = null;
    this.#shipment ??= new LedgerShipment(journal, this.#ledger);
    for (let batches = 0; batches < MAX_BATCHES; batches++) {
      const more = await this.#shipment.step();
      journal.confirm(this.#shipment.confirmed);
      if (!more) return;
    }
  }

  #onRewind({ journalId, had, has }: LedgerRewind): void {
    this.#state.needsComparison = true;
    this.#comparisons?.rewind(has);
    const fields = { client: this.#state.clientId, journal: journalId, had, has };
    this.#log.error(fields, 'the ledger lost records that it had taken; the journal ships them again');
  }

  /** Compares up to `#maxPages` pages. The next run continues. */
  async #compare(): Promise<void> {
    const { journal } = this.#state;
    this.#comparisons ??= new LedgerComparisons(journal, this.#ledger);
    for (let pages = 0; pages < this.#maxPages; pages++) {
      await this.#comparisons.step(journal.confirmed);
      if (this.#comparisons.isUnderWay) continue;
      this.#comparisons = null;
      this.#state.needsComparison = false;
      return;
    }
  }
}
