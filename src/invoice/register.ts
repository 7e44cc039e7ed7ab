/**
 * The register of invoice numbers: which were given, kept outside the ledger's database. A database that is restored
 * from a backup forgets what it issued since; with the register no number is given twice.
 */

export interface RegisteredNumber {
  readonly number: number;
  readonly invoiceId: string;
  /** Hex of SHA-256 over the invoice's content; null for an invoice without a seal. */
  readonly contentHash: string | null;
  readonly issuedAtMs: number;
  /** False while the transaction that issues has not ended: it may be rolled back, and the number given again. */
  readonly isGiven: boolean;
}

export interface NumberRegister {
  /** The entries by number. A given entry wins over one that is not, and is never replaced. */
  read(): Promise<ReadonlyMap<number, RegisteredNumber>>;
  /** Resolves once the entries would survive a loss of power. Rejects where they cannot be written. */
  write(numbers: readonly RegisteredNumber[]): Promise<void>;
}

/** An issued invoice of the ledger. */
export type LedgerNumber = Omit<RegisteredNumber, 'isGiven'>;

/** Puts an entry in its place among others of the same number. */
export function register(known: Map<number, RegisteredNumber>, entry: RegisteredNumber): void {
  if (known.get(entry.number)?.isGiven !== true) known.set(entry.number, entry);
}

/** The highest number that was given; 0 before the first. */
export function lastGiven(known: ReadonlyMap<number, RegisteredNumber>): number {
  return highest([...known.values()].filter(({ isGiven }) => isGiven));
}

/** The issued invoices of the ledger that the register does not have as given. */
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
 * Why the ledger is older than the register, for people; null where it is not. A number counts as missing where the
 * ledger gave it to no invoice, or to one of other content. `leftOut`: numbers that the ledger passed over on purpose.
 */
export function setBackReason(
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
    `the ledger was set back to an older state: invoice numbers that were given are missing in it or have other ` +
    `content: ${named}${more}. Bring the newer ledger back; or move the series on to ${highest(missing)} with ` +
    'POST /v1/invoice-numbers/advance (postmeter invoice-numbers advance), then release this hold.'
  );
}

function highest(entries: readonly RegisteredNumber[]): number {
  return entries.reduce((max, { number }) => Math.max(max, number), 0);
}
