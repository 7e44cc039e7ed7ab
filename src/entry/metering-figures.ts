/** What the metrics tell of metering: the journal, the window store, and the way to the ledger. */

import type { FileJournal } from '../adapters/node/journal.ts';
import type { UsageLedger } from '../meter/port.ts';
import type { Shipping } from '../meter/shipper.ts';
import type { TotalsBoard } from '../meter/totals.ts';
import type { JournalFigures, LedgerFigures, WindowFigures } from '../report/port.ts';
import type { Logger } from './log.ts';

export interface MeteringFigures {
  readonly journal: JournalFigures;
  readonly window: WindowFigures;
  readonly ledger: LedgerFigures;
}

/** For people: in the log and in `/readyz`. */
export const REMOVED =
  'the files of the journal were removed from DATA_DIR; usage is shipped, but a crash now loses what the ledger lacks; ' +
  'restart the process with its DATA_DIR in place';

/** Looks on while usage is written and shipped, and remembers what only the metrics want to know. */
export class MeteringWatch {
  batches = 0;
  ledgerFailures = 0;
  setbacks = 0;
  gaps = 0;
  isFailing = false;
  /** The journal's files are gone from DATA_DIR. */
  isRemoved = false;
  /** When the oldest record that the ledger lacks was written. */
  oldestMs = 0;

  counting(ledger: UsageLedger): UsageLedger {
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

  /** Called once a second: a removed folder fails no write, because the open file still exists without a name. */
  looked(isRemoved: boolean, folder: string, log: Logger): void {
    if (isRemoved && !this.isRemoved) {
      this.gaps++;
      log.error({ folder }, REMOVED);
    }
    if (!isRemoved && this.isRemoved) log.info({ folder }, 'the files of the journal are back');
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
  totals: TotalsBoard,
  watch: MeteringWatch,
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
      setbacks: () => watch.setbacks,
      reachable: () => shipping.state().ledger.failures === 0,
    },
  };
}

/** For a person to read; null where there are none. */
export function damageOf(records: number): string | null {
  if (records === 0) return null;
  return `the disk has lost ${records} records of the journal; the ledger is told of gaps in their place`;
}
