/** Metrics of metering: the journal, the window store, and shipping to the ledger. */

import type { FileJournal } from '../adapters/node/journal/journal.ts';
import type { UsageLedger } from '../meter/port.ts';
import type { Shipping } from '../meter/shipper.ts';
import type { TotalsCache } from '../meter/totals/totals-cache.ts';
import type { JournalFigures, LedgerFigures, WindowFigures } from '../report/port.ts';
import type { Logger } from './logs/log.ts';

export interface MeteringFigures {
  readonly journal: JournalFigures;
  readonly window: WindowFigures;
  readonly ledger: LedgerFigures;
}

/** Text for the log and `/readyz`. */
export const REMOVED =
  'the files of the journal were removed from DATA_DIR; usage is still shipped, but a crash would lose what the ledger ' +
  'does not have yet; restart the process with its DATA_DIR in place';

/** Observes the writing and shipping of usage and keeps the figures that only the metrics need. */
export class MeteringMonitor {
  batches = 0;
  ledgerFailures = 0;
  rewinds = 0;
  gaps = 0;
  isFailing = false;
  /** True if the journal's files were removed from DATA_DIR. */
  isRemoved = false;
  /** When the oldest record that the ledger does not have was written, in epoch milliseconds. */
  oldestMs = 0;

  instrumentLedger(ledger: UsageLedger): UsageLedger {
    return {
      ...ledger,
      take: async (batch) => {
        const sequence = await ledger.take(batch);
        this.batches++;
        return sequence;
      },
    };
  }

  written(shipping: Shipping, nowMs: number): void {
    this.isFailing = false;
    if (shipping.state().ledger.lagRecords <= 1) this.oldestMs = nowMs;
  }

  /** Called once a second. Writes to a removed folder still succeed, because the open file exists without a name. */
  looked(isRemoved: boolean, folder: string, log: Logger): void {
    if (isRemoved && !this.isRemoved) {
      this.gaps++;
      log.error({ folder }, REMOVED);
    }
    if (!isRemoved && this.isRemoved) log.info({ folder }, 'the files of the journal are present again');
    this.isRemoved = isRemoved;
  }

  gap(error: Error, log: Logger): void {
    this.gaps++;
    if (!this.isFailing) log.error({ err: error }, 'usage cannot be written to the journal');
    this.isFailing = true;
  }
}

export function figuresOf(
  journal: FileJournal,
  shipping: Shipping,
  totals: TotalsCache,
  watch: MeteringMonitor,
  nowMs: () => number,
): MeteringFigures {
  const lag = (): number => shipping.state().ledger.lagRecords;
  return {
    journal: {
      unconfirmedRecords: lag,
      unconfirmedBytes: () => journal.unconfirmedBytes,
      lagSeconds: () => (lag() === 0 ? 0 : (nowMs() - watch.oldestMs) / 1000),
      failures: () => watch.gaps,
      damagedRecords: () => journal.damagedRecords,
    },
    window: { degraded: () => totals.degraded },
    ledger: {
      batches: () => watch.batches,
      failures: () => watch.ledgerFailures,
      rewinds: () => watch.rewinds,
      reachable: () => shipping.state().ledger.failures === 0,
    },
  };
}

/** Describes the lost records; null if there are none. */
export function damageOf(records: number): string | null {
  if (records === 0) return null;
  return `the disk has lost ${records} records of the journal; gaps are reported to the ledger in their place`;
}
