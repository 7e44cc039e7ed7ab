/** Maps a refused action on an invoice to a problem document. */

import type { ApproveOutcome, IssueOutcome, RejectOutcome } from '../../../invoice/outcome.ts';
import { fieldProblem, type HttpProblem } from '../../problem.ts';
import type { ProblemCode } from '../../problem-code.ts';

const CODES = {
  on_hold: 'billing_held',
  rejected: 'invoice_rejected',
  not_closed: 'invoice_not_closed',
  not_approved: 'invoice_not_approved',
  number_given: 'number_given',
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
    case 'on_hold':
    case 'rejected':
    case 'not_closed':
    case 'not_approved':
    case 'number_given':
    case 'billing_details_missing':
      return conflict(`cannot be approved or issued: ${outcome.reason}`, outcome.hint, CODES[outcome.kind]);
  }
}

export function unknownInvoice(): HttpProblem {
  return fieldProblem(404, 'invoiceId', 'does not exist', 'see /v1/invoices');
}

function conflict(reason: string, hint: string, code: ProblemCode): HttpProblem {
  return fieldProblem(409, 'invoiceId', reason, hint, code);
}
