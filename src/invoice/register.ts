/**
 * The register of given invoice numbers, kept outside the ledger's database. A database restored from a backup
 * forgets what it issued since; the register prevents it from giving a number twice.
 */

import { DEFAULT_SERIES } from '../seller/model.ts';

export interface RegisteredNumber {
  /** The counter that gave it: the series, that of a yearly series with the year after a slash. */
  readonly series: string;
  readonly number: number;
  readonly invoiceId: string;
  /** Hex SHA-256 of the invoice's content; null for an invoice without a seal. */
  readonly contentHash: string | null;
  readonly issuedAtMs: number;
  /** False until the issuing transaction ends: it may be rolled back, and the number given again. */
  readonly isGiven: boolean;
}

/** Entries of one counter by number. */
export type CounterEntries = ReadonlyMap<number, RegisteredNumber>;
/** Entries by counter, then by number. */
export type KnownNumbers = ReadonlyMap<string, CounterEntries>;

export interface NumberRegister {
  /** A given entry takes precedence over one that is not given and is never replaced. */
  read(): Promise<KnownNumbers>;
  /** Resolves once the entries would survive a loss of power. Rejects if they cannot be written. */
  write(numbers: readonly RegisteredNumber[]): Promise<void>;
}

/** An issued invoice of the ledger. */
export type LedgerNumber = Omit<RegisteredNumber, 'isGiven'>;

/** Adds an entry, unless the number already has a given one. */
export function register(known: Map<string, Map<number, RegisteredNumber>>, entry: RegisteredNumber): void {
  const entries = known.get(entry.series) ?? new Map<number, RegisteredNumber>();
  if (entries.get(entry.number)?.isGiven !== true) entries.set(entry.number, entry);
  known.set(entry.series, entries);
}

const NO_ENTRIES: CounterEntries = new Map();

/** The entries of a counter; empty if it has given no number. */
export function entriesOf(known: KnownNumbers, series: string): CounterEntries {
  return known.get(series) ?? NO_ENTRIES;
}

/** The highest given number of a counter; 0 before the first. */
export function lastGiven(known: CounterEntries): number {
  return highest([...known.values()].filter(({ isGiven }) => isGiven));
}

/** Issued invoices of the counter that the register does not record as given. */
export function unregistered(known: CounterEntries, issued: readonly LedgerNumber[]): RegisteredNumber[] {
  return issued
    .filter(({ number }) => known.get(number)?.isGiven !== true)
    .map((one) => ({ ...one, isGiven: true }));
}

const MAX_NAMED = 10;

/**
 * Returns why the ledger is older than the register, for people to read; null if it is not. A number is missing if
 * the ledger has no invoice with it, or one with other content. `leftOut` are numbers that were skipped on purpose. All
 * arguments are those of one counter.
 */
export function rewindReason(
  known: CounterEntries,
  issued: readonly LedgerNumber[],
  leftOut: (number: number) => boolean,
): string | null {
  const inLedger = new Map(issued.map((one) => [one.number, one]));
  const missing = [...known.values()]
    .filter(({ number, contentHash, isGiven }) => {
      const found = inLedger.get(number);
      return isGiven && !leftOut(number) && (found === undefined || found.contentHash !== contentHash);
    })
    .sort((a, b) => a.number - b.number);
  if (missing.length === 0) return null;
  const named = missing
    .slice(0, MAX_NAMED)
    .map(({ number, invoiceId, contentHash }) => `${number} (invoice ${invoiceId}, content ${contentHash})`)
    .join(', ');
  const { series } = missing[0]!;
  const [of, option] = series === DEFAULT_SERIES ? ['', ''] : [` of ${series}`, ` --series ${series}`];
  const more = missing.length > MAX_NAMED ? `, and ${missing.length - MAX_NAMED} more` : '';
  return (
    `the ledger was restored to an older state: issued invoice numbers${of} are missing or have other ` +
    `content: ${named}${more}. Restore the newer ledger, or advance the series${of} to ${highest(missing)} with ` +
    `POST /v1/invoice-numbers/advance (postmeter invoice-numbers advance${option}), then release this hold.`
  );
}

function highest(entries: readonly RegisteredNumber[]): number {
  return entries.reduce((max, { number }) => Math.max(max, number), 0);
}
