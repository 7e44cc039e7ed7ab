/** The port of what the administration reads about invoices beyond their list: sums, decisions, history and proof. */

import type { Evidence } from '../evidence/format.ts';
import type { ReadingInput } from '../evidence/readings.ts';
import type { Invoice } from '../invoice/model.ts';
import type { DecidableInvoice } from '../invoice/port.ts';
import type { InvoiceState, StateRules } from '../invoice/state.ts';
import type { AgedDebt } from '../receivable/ageing.ts';
import type { ReceivableLabel } from '../receivable/label.ts';
import type { InvoiceHistory } from '../report/invoices/timeline.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import type { Finding } from '../verify/finding.ts';
import type { InvoiceFilter } from './port.ts';

/** The invoices of one state and currency. */
export interface InvoiceSum {
  readonly state: InvoiceState;
  readonly currency: string;
  readonly invoices: number;
  readonly amountMinor: bigint;
}

/** The invoices of one label and currency. */
export interface ReceivableSum {
  readonly label: ReceivableLabel;
  readonly currency: string;
  readonly invoices: number;
  readonly openMinor: bigint;
}

export interface OwedSums {
  readonly labels: readonly ReceivableSum[];
  /** Debts of the same currency, due date and dispute are one. */
  readonly debts: readonly AgedDebt[];
}

export interface InvoiceLines {
  readonly byInvoice: ReadonlyMap<string, Invoice['lines']>;
  /** The tariff versions of the lines. */
  readonly tariffs: readonly TariffVersion[];
}

export type InvoiceVerification =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'not_issued' }
  /** `isSealed` is false for an invoice issued before invoices had seals: only its lines are checked. */
  | { readonly kind: 'verified'; readonly isSealed: boolean; readonly findings: readonly Finding[] };

export type InvoiceEvidence =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'not_issued' }
  /** It was issued before invoices had seals. */
  | { readonly kind: 'not_sealed' }
  /** The ledger differs from the issued invoice; `verify` names the differences. */
  | { readonly kind: 'differs' }
  | {
      readonly kind: 'evidence';
      readonly number: number;
      readonly evidence: Evidence;
      /** Of the evidence as JSON without white space. */
      readonly sha256: Uint8Array;
    };

export interface InvoiceBook {
  /** Sums of all invoices of the filter, by state and currency. `filter.state` and `filter.sort` are ignored. */
  sums(filter: InvoiceFilter, rules: StateRules): Promise<readonly InvoiceSum[]>;
  /** What is owed on the invoices of the filter, as at a UTC date. `filter.label` and `filter.sort` are ignored. */
  owed(filter: InvoiceFilter, today: string): Promise<OwedSums>;
  /** Lines in the order of their positions. */
  linesOf(invoiceIds: readonly string[]): Promise<InvoiceLines>;
  /** Reads without locks, in no order. Ids that do not exist are absent. */
  decidable(invoiceIds: readonly string[]): Promise<readonly DecidableInvoice[]>;
  /** Null if there is no such invoice. */
  history(invoiceId: string): Promise<InvoiceHistory | null>;
  /**
   * What the readings of the invoice's clause are computed from: as of the issue, or the current usage of a draft.
   * Null if there is no such invoice, or if it has neither a breach nor a month.
   */
  basis(invoiceId: string, bucketSeconds: number): Promise<ReadingInput | null>;
  /** Recomputes an issued invoice from the chained usage to its total. */
  verify(invoiceId: string): Promise<InvoiceVerification>;
  /** What proves an issued invoice, unsigned. */
  evidence(invoiceId: string): Promise<InvoiceEvidence>;
}
