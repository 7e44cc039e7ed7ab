/** Maps a refused action on an invoice to a problem document, and explains in advance what would be refused. */

import {
  INVOICE_ACTIONS,
  type InvoiceAction,
  refusalNow,
  type SeriesPosition,
} from '../../../invoice/decisions.ts';
import type { ApproveOutcome, IssueOutcome, RejectOutcome } from '../../../invoice/outcome.ts';
import type { BillingRules, DecidableInvoice } from '../../../invoice/port.ts';
import { fieldProblem, type HttpProblem } from '../../problem.ts';
import type { ProblemCode } from '../../problem-code.ts';

const CODES = {
  on_hold: 'billing_held',
  rejected: 'invoice_rejected',
  not_closed: 'invoice_not_closed',
  not_approved: 'invoice_not_approved',
  number_given: 'number_given',
  second_person_required: 'second_person_required',
  billing_details_missing: 'billing_details_missing',
} as const;

/** Returns null if the action succeeded, now or earlier. */
export function invoiceRefusal(outcome: ApproveOutcome | IssueOutcome | RejectOutcome): HttpProblem | null {
  switch (outcome.kind) {
    case 'approved':
    case 'already_approved':
    case 'issued':
    case 'rejection':
      return null;
    case 'not_found':
      return unknownInvoice();
    case 'void':
      return conflict(
        'is void: the current usage leaves nothing to charge',
        'see /v1/invoices for the other invoices',
        'invoice_void',
      );
    case 'already_issued':
      return conflict(
        `is already issued as number ${outcome.number}`,
        'do nothing; a supplement or a credit note corrects it if usage changes',
        'already_issued',
      );
    case 'already_rejected':
      return conflict(`is already rejected: ${outcome.reason}`, outcome.hint, 'invoice_rejected');
    case 'owed_to_client':
      return conflict(`cannot be rejected: ${outcome.reason}`, outcome.hint, 'credit_owed');
    case 'document_refused':
      return fieldProblem(409, outcome.field, outcome.reason, outcome.hint, outcome.code);
    case 'on_hold':
    case 'rejected':
    case 'not_closed':
    case 'not_approved':
    case 'number_given':
    case 'second_person_required':
    case 'billing_details_missing':
      return conflict(`cannot be approved or issued: ${outcome.reason}`, outcome.hint, CODES[outcome.kind]);
  }
}

/** A refusal in words; null fields if there is none. */
export interface Refusal {
  readonly code: string | null;
  readonly reason: string | null;
  readonly hint: string | null;
}

export const NO_REFUSAL: Refusal = { code: null, reason: null, hint: null };

/** The problem's code, reason and hint. */
export function refusalOf(problem: HttpProblem): Refusal {
  const [fault] = problem.extras.errors ?? [];
  return {
    code: problem.extras.code ?? null,
    reason: fault?.reason ?? problem.message,
    hint: fault?.hint ?? null,
  };
}

/** What the action would answer now; null if it would change the invoice. */
export function refusalInWords(
  action: InvoiceAction,
  found: DecidableInvoice,
  rules: BillingRules,
  positions: readonly SeriesPosition[],
  nowMs: number,
): Refusal | null {
  const outcome = refusalNow(action, found, rules, positions, nowMs);
  if (outcome === null) return null;
  if (outcome.kind === 'already_approved') {
    return { code: null, reason: `is already approved by ${outcome.approvedBy}`, hint: 'issue it' };
  }
  const problem = invoiceRefusal(outcome);
  return problem === null ? null : refusalOf(problem);
}

/** The actions of an invoice for its detail. */
export function actionsOf(
  found: DecidableInvoice,
  rules: BillingRules,
  positions: readonly SeriesPosition[],
  nowMs: number,
) {
  return INVOICE_ACTIONS.map((name) => {
    const refusal = refusalInWords(name, found, rules, positions, nowMs);
    return { name, allowed: refusal === null, ...(refusal ?? NO_REFUSAL) };
  });
}

export function unknownInvoice(): HttpProblem {
  return fieldProblem(404, 'invoiceId', 'does not exist', 'see /v1/invoices');
}

function conflict(reason: string, hint: string, code: ProblemCode): HttpProblem {
  return fieldProblem(409, 'invoiceId', reason, hint, code);
}
