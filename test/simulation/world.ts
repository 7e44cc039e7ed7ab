/** One run: gateways, ledger, window store, billers and people, with one clock and one random generator. */

import type { BillingRules } from '../../src/invoice/port.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import type { LedgerState } from '../support/memory-ledger/state.ts';
import { Gateway, type GatewaySettings } from './gateway.ts';
import { LedgerServer } from './ledger-server.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import type { Tally } from './tally.ts';
import { Watcher } from './watcher.ts';
import { WindowServer } from './window-server.ts';

export const MINUTE_MS = 60_000;
/** A month ends in the middle of a run. */
export const START_MS = Date.UTC(2026, 1, 28, 23, 58);

export class World {
  readonly random: Random;
  readonly tally: Tally;
  readonly scheduler = new Scheduler(START_MS);
  readonly oracle = new Oracle();
  readonly rules: BillingRules;
  readonly ledger: LedgerServer;
  readonly window: WindowServer;
  readonly gateways: readonly Gateway[];
  /**
   * Whether confirmed records may be deleted for a bound or a full disk. A ledger that is restored to an older state
   * may then lack them for good.
   */
  readonly mayGiveWay: boolean;
  /** The ledger at some moments, oldest first. */
  readonly copies: LedgerState[] = [];
  failovers = 0;
  /** Gateways that died, or stopped on a failed disk. Their unwritten gaps died with them. */
  deaths = 0;
  /** Clients whose usage was moved. A ledger that fails over may lose a move that a window has. */
  readonly movedClients = new Set<string>();
  /** If true, a gateway's clock was wrong. */
  clocksStepped = false;
  /** If true, it was so wrong that a window which the gateway rebuilt is of another time. */
  clocksFarOff = false;
  /** If true, the run is over and stopped processes stay down. */
  isClosing = false;
  readonly watcher: Watcher;
  /**
   * If true, nothing new arrives and no process restarts after the recovery, so losses must be found without a trigger.
   */
  readonly healsAlone: boolean;
  #ids = 0;

  constructor(seed: number, tally: Tally) {
    this.random = new Random(seed);
    this.tally = tally;
    const { random } = this;
    this.rules = {
      bucketSeconds: 60,
      latenessMs: random.pick([0, 20_000, MINUTE_MS]),
      approval: random.chance(0.3) ? 'automatic' : 'manual',
      fourEyes: FOUR_EYES,
    };
    this.mayGiveWay = random.chance(0.25);
    this.healsAlone = random.chance(0.2);
    this.watcher = new Watcher(this);
    this.ledger = new LedgerServer(this, this.rules);
    this.window = new WindowServer(this);
    this.gateways = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, (_, at) => {
      return new Gateway(`gateway${at + 1}`, this, this.#settings());
    });
  }

  /**
   * Whether records may be in neither ledger nor journal, because one was restored to an older state and the other no
   * longer has them.
   */
  get mayLackRecords(): boolean {
    return this.failovers > 0 && this.mayGiveWay;
  }

  /** In the form of a UUID. Later ones sort after earlier ones. */
  newId(): string {
    const digits = (++this.#ids).toString(16).padStart(12, '0');
    return `00000000-0000-7000-8000-${digits}`;
  }

  #settings(): GatewaySettings {
    const { random } = this;
    return {
      maxBytes: this.mayGiveWay ? random.int(1_500, 6_000) : 1_000_000,
      segmentBytes: random.int(150, 1_500),
      syncIntervalMs: random.chance(0.15) ? 'every' : random.int(2_000, 30_000),
      recordsInMemory: random.int(8, 60),
      onJournalFailure: random.chance(0.7) ? 'serve' : 'refuse',
      windowFlushMs: random.int(4_000, 40_000),
      ledgerFlushMs: this.healsAlone ? random.int(4_000, 8_000) : random.int(4_000, 40_000),
    };
  }
}
