/**
 * The register of given invoice numbers, kept outside the ledger's database. A database restored from a backup
 * forgets what it issued since; the register prevents it from giving a number twice.
 */

export interface RegisteredNumber {
  readonly number: number;
  readonly invoiceId: string;
  /** Hex SHA-256 of the invoice's content; null for an invoice without a seal. */
  readonly contentHash: string | null;
  readonly issuedAtMs: number;
  /** False until the issuing transaction ends: it may be rolled back, and the number given again. */
  readonly isGiven: boolean;
}

export interface NumberRegister {
  /** Entries by number. A given entry takes precedence over one that is not given and is never replaced. */
  read(): Promise<ReadonlyMap<number, RegisteredNumber>>;
  /** Resolves once the entries would survive a loss of power. Rejects if they cannot be written. */
  write(numbers: readonly RegisteredNumber[]): Promise<void>;
}

/** An issued invoice of the ledger. */
export type LedgerNumber = Omit<RegisteredNumber, 'isGiven'>;

/** Adds an entry, unless the number already has a given one. */
export function register(known: Map<number, RegisteredNumber>, entry: RegisteredNumber): void {
  if (known.get(entry.number)?.isGiven !== true) known.set(entry.number, entry);
}

/** The highest given number; 0 before the first. */
export function lastGiven(known: ReadonlyMap<number, RegisteredNumber>): number {
  return highest([...known.values()].filter(({ isGiven }) => isGiven));
}

/** Issued invoices of the ledger that the register does not record as given. */
export function unregistered(
  known: ReadonlyMap<number, RegisteredNumber>,
  issued: readonly LedgerNumber[],
): RegisteredNumber[] {
  return issued
    .filter(({ number }) => known.get(number)?.isGiven !== true)
    .map((one) => ({ ...one, isGiven: true }));
}

const MAX_NAMED = 10;

/**
 * Returns why the ledger is older than the register, for people to read; null if it is not. A number is missing if
 * the ledger has no invoice with it, or one with other content. `leftOut` are numbers that were skipped on purpose.
 */
export function rewindReason(
  known: ReadonlyMap<number, RegisteredNumber>,
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
  const more = missing.length > MAX_NAMED ? `, and ${missing.length - MAX_NAMED} more` : '';
  return (
    `the ledger was restored to an older state: issued invoice numbers are missing or have other ` +
    `content: ${named}${more}. Restore the newer ledger, or advance the series to ${highest(missing)} with ` +
    'POST /v1/invoice-numbers/advance (postmeter invoice-numbers advance), then release this hold.'
  );
}

function highest(entries: readonly RegisteredNumber[]): number {
  return entries.reduce((max, { number }) => Math.max(max, number), 0);
}
