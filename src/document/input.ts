/**
 * Everything that a document is drawn from, as plain data. The renderer reads nothing else, so the same input gives the
 * same bytes. Moments are epoch milliseconds UTC, days are UTC dates, amounts are minor units of the currency.
 */

import type { WindowSeries } from '../chart/window-chart.ts';
import type { DocumentParty, IssuedDocument } from '../invoice/document.ts';
import type { Breach, Invoice, InvoiceKind } from '../invoice/model.ts';
import type { Entry } from '../receivable/model.ts';
import type { AccountStatement } from '../receivable/statement.ts';
import type { Language } from '../seller/language.ts';
import type { Seller } from '../seller/model.ts';
import type { TariffVersion } from '../tariff/tariff.ts';

export type DocumentInput = InvoiceInput | LetterInput | DunningInput | StatementInput;

/** What every document has. */
interface Common {
  readonly language: Language;
  readonly logo: Seller['logo'];
  /** Creation date of the file: the moment of issue, of the dunning, of the statement; of a draft its last change. */
  readonly atMs: number;
}

/** A claim: an invoice, supplement or credit note, and everything that shows how it came about. */
export interface Claim {
  readonly invoice: Invoice;
  /** `invoice.document`; of a draft, what issue would freeze now, with an empty number and reference. */
  readonly document: IssuedDocument;
  /** Null for a draft, and on invoices that are older than seals. */
  readonly seal: DocumentSeal | null;
  /** The versions that the lines name. A line of another version shows no terms besides its own. */
  readonly tariffs: readonly TariffVersion[];
  /** Null for a licence. */
  readonly breach: Breach | null;
  /** Rolling total around the breach, with threshold and shaded breach. Null: no chart is drawn. */
  readonly chart: WindowSeries | null;
  /** Posts of the breach or month by identifier. Empty: unknown. */
  readonly identifiers: readonly IdentifierShare[];
  /** Spans of the breach or month without metering. */
  readonly gaps: ReadonlyArray<{ readonly fromMs: number; readonly toMs: number }>;
  /** The invoices that offset lines deduct, by id. */
  readonly offsets: Readonly<Record<string, OffsetInvoice>>;
  /** Actor who issued; null for a draft, or unknown. The approver is `invoice.approvedBy`. */
  readonly issuedBy: string | null;
  /** Posts by bucket of the breach or month, for `usage.csv`: start of the bucket, posts. Empty: no attachment. */
  readonly usage: ReadonlyArray<readonly [bucketMs: number, posts: number]>;
  readonly bucketSeconds: number;
}

export interface InvoiceInput extends Common {
  readonly kind: 'invoice';
  readonly claim: Claim;
  /** True for the preview of a draft, which is marked on every page. */
  readonly isDraft: boolean;
  /** From 1, the buyer's. Copy n > 1 is addressed to the co-debtor at `document.coDebtors[n - 2]`. */
  readonly copy: number;
  /** Text of `factur-x.xml` (CII, profile EN 16931); null: none is attached. */
  readonly facturX: string | null;
}

/** A letter before action, made from a draft. It demands payment and is not an invoice. */
export interface LetterInput extends Common {
  readonly kind: 'letter';
  readonly claim: Claim;
  /** From 1, as in `InvoiceInput`. */
  readonly copy: number;
  /** UTC date of the letter, and the day by which payment or an answer is expected. */
  readonly writtenOn: string;
  readonly answerBy: string;
}

export interface DunningInput extends Common {
  readonly kind: 'dunning';
  readonly invoice: Invoice;
  readonly document: IssuedDocument;
  readonly copy: number;
  /** From 1. */
  readonly level: number;
  /** In `language`. Null: the product's text for the level. */
  readonly title: string | null;
  readonly text: string | null;
  /** UTC date of the letter. */
  readonly writtenOn: string;
  /** Entries of the invoice up to the letter, in order. */
  readonly entries: readonly Entry[];
  readonly balanceMinor: bigint;
}

export interface StatementInput extends Common {
  readonly kind: 'statement';
  readonly seller: IssuedDocument['seller'];
  readonly buyer: DocumentParty;
  readonly texts: IssuedDocument['texts'];
  readonly bank: IssuedDocument['bank'];
  readonly currency: string;
  /** First and last UTC date, both inside. */
  readonly fromOn: string;
  readonly toOn: string;
  readonly statement: AccountStatement;
}

export interface DocumentSeal {
  /** Hex SHA-256. */
  readonly contentHash: string;
  readonly usageHash: string;
  /** Hex SHA-256 over the ends of all chains of journals (`UsageAsOf.chains`). */
  readonly chainsHash: string;
}

export interface IdentifierShare {
  readonly kind: 'api_key' | 'cidr' | 'agent' | 'address';
  /** Last characters of a key, a range, an agent or an address. Never a whole key. */
  readonly hint: string;
  readonly posts: number;
}

export interface OffsetInvoice {
  readonly displayNumber: string;
  readonly kind: InvoiceKind;
  /** UTC date. */
  readonly issuedOn: string;
}

/** Bytes of TrueType fonts, in order of preference: the first that has a character draws it. */
export interface DocumentFonts {
  readonly regular: readonly Uint8Array[];
  readonly bold: readonly Uint8Array[];
}
