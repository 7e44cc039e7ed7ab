/** What the document of an invoice is made from besides the invoice: the seller with its settings, and the buyer. */

import type {
  BankAccount,
  BuyerSettings,
  Clause,
  CoDebtor,
  NumberSeries,
  Seller,
  TaxRule,
} from '../../seller/model.ts';
import type { Invoice } from '../model.ts';

/** A seller as a document prints it. */
export interface IssuingSeller extends Omit<Seller, 'logo'> {
  /** Hex SHA-256 of its logo; null without one. */
  readonly logoHash: string | null;
}

/** The issued invoice that a correction corrects. */
export type CorrectedInvoice = Pick<
  Invoice,
  'id' | 'number' | 'kind' | 'series' | 'sellerId' | 'issuedAtMs' | 'document'
>;

/** All lists are those of the seller; `clauses` also has the product's. */
export interface IssuingFacts {
  /** Of the corrected invoice, else of the client, else the default one. Null if it does not exist. */
  readonly seller: IssuingSeller | null;
  /** Default accounts in use, at most one for each currency. */
  readonly banks: readonly BankAccount[];
  readonly series: readonly NumberSeries[];
  readonly taxRules: readonly TaxRule[];
  readonly clauses: readonly Clause[];
  readonly buyer: BuyerSettings;
  /** Of the client, at any time. */
  readonly coDebtors: readonly CoDebtor[];
  /** Null if the invoice corrects none. */
  readonly corrected: CorrectedInvoice | null;
  /** Net amount of the issued invoices of the same breach or month in the currency. */
  readonly issuedNetMinor: bigint;
}
