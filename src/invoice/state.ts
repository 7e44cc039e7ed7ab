/** The state of an invoice as finance works on it: its status, and for a draft whether its amount is final. */

import { stillGrowing } from './issue.ts';
import type { Breach, Invoice } from './model.ts';
import type { BillingRules } from './port.ts';

export const INVOICE_STATES = ['growing', 'to_approve', 'to_issue', 'issued', 'rejected', 'void'] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];

/** What determines the states of all invoices at one time. */
export type StateRules = Pick<BillingRules, 'latenessMs' | 'approval'> & { readonly nowMs: number };

/** `breach` is the invoice's, null for a licence. Statements select by the same rule, so a change here is one there. */
export function invoiceStateOf(
  { status, monthMs }: Pick<Invoice, 'status' | 'monthMs'>,
  breach: Pick<Breach, 'state'> | null,
  rules: StateRules,
): InvoiceState {
  if (status === 'issued' || status === 'rejected' || status === 'void') return status;
  if (stillGrowing({ monthMs }, breach, rules, rules.nowMs) !== null) return 'growing';
  return status === 'approved' || rules.approval === 'automatic' ? 'to_issue' : 'to_approve';
}
