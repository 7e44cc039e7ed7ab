/** Outcomes of finance's actions on an invoice. A refusal is a value: nothing was changed. */

import type { BillingDetails, Invoice } from './model.ts';

/** A client's billing details; null for those that are missing. */
export type KnownDetails = { readonly [K in keyof BillingDetails]: string | null };

export type DetailField = 'legalName' | 'address' | 'email' | 'country' | 'currency';

/**
 * The client is on billing hold (`BillingHold`). None of its invoices can be approved or issued until the hold is
 * released. `reason` and `hint` are for people to read.
 */
export interface OnHold {
  readonly kind: 'on_hold';
  readonly reason: string;
  readonly hint: string;
}

/** The next number was given earlier, to an invoice that the ledger no longer has. */
export interface NumberGiven {
  readonly kind: 'number_given';
  readonly reason: string;
  readonly hint: string;
}

/** The document of the invoice would lack what it must name. `field` is the concerned field of a setting. */
export interface DocumentRefusal {
  readonly kind: 'document_refused';
  readonly code:
    | 'seller_incomplete'
    | 'tax_rule_missing'
    | 'tax_data_missing'
    | 'e_invoice_data_missing'
    | 'series_missing'
    | 'exceeds_remaining';
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
}

/** The issuer must be another person than the approver. */
export interface SecondPersonRequired {
  readonly kind: 'second_person_required';
  readonly reason: string;
  readonly hint: string;
}

export type InvoiceRefusal =
  | OnHold
  | { readonly kind: 'not_found' }
  | { readonly kind: 'void' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'already_issued'; readonly number: number }
  | { readonly kind: 'not_closed'; readonly reason: string; readonly hint: string };

export type ApproveOutcome =
  | { readonly kind: 'approved'; readonly invoice: Invoice }
  | { readonly kind: 'already_approved'; readonly approvedBy: string }
  | InvoiceRefusal;

export type RejectOutcome =
  | { readonly kind: 'rejection'; readonly invoice: Invoice }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'void' }
  | { readonly kind: 'already_issued'; readonly number: number }
  | { readonly kind: 'already_rejected'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'owed_to_client'; readonly reason: string; readonly hint: string };

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly number: number; readonly invoice: Invoice }
  | { readonly kind: 'not_approved'; readonly reason: string; readonly hint: string }
  | NumberGiven
  | DocumentRefusal
  | SecondPersonRequired
  | {
      readonly kind: 'billing_details_missing';
      readonly fields: readonly DetailField[];
      readonly reason: string;
      readonly hint: string;
    }
  | InvoiceRefusal;
