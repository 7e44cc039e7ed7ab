/** Why finance's action on an invoice was refused, as a problem. */

import type { ApproveOutcome, IssueOutcome } from '../../invoice/issue.ts';
import { fieldProblem, type Problem } from '../problem.ts';

/** Null where it was done, now or before. */
export function invoiceRefusal(outcome: ApproveOutcome | IssueOutcome): Problem | null {
  switch (outcome.kind) {
    case 'approved':
    case 'already_approved':
    case 'issued':
      return null;
    case 'not_found':
      return unknownInvoice();
    case 'void':
      return conflict(
        'is void: computing anew left nothing to charge',
        'see /v1/invoices for those that stand',
      );
    case 'already_issued':
      return conflict(
        `is issued already, as number ${outcome.number}`,
        'nothing is left to do; a correction of it comes by itself as a supplement or a credit note',
      );
    case 'parked':
    case 'not_closed':
    case 'not_approved':
    case 'billing_details_missing':
      return conflict(`cannot go on: ${outcome.reason}`, outcome.mend);
  }
}

export function unknownInvoice(): Problem {
  return fieldProblem(404, 'invoiceId', 'names no invoice', 'see /v1/invoices');
}

function conflict(reason: string, mend: string): Problem {
  return fieldProblem(409, 'invoiceId', reason, mend);
}
