/** The document that issue would freeze for a draft now, with an empty number and payment reference. Pure. */

import type { IssuedDocument } from '../invoice/document.ts';
import { issuedDocument } from '../invoice/issuing/make-document.ts';
import { issueTerms } from '../invoice/issuing/terms.ts';
import type { DocumentRefusal } from '../invoice/outcome.ts';
import type { DecidableInvoice } from '../invoice/port.ts';

export type DraftDocument =
  | { readonly kind: 'document'; readonly document: IssuedDocument; readonly taxMinor: bigint }
  /** What issue needs is missing. */
  | DocumentRefusal;

export function draftDocument(
  { invoice, breach, details, issuing }: DecidableInvoice,
  readings: IssuedDocument['readings'],
  nowMs: number,
): DraftDocument {
  const outcome = issueTerms(invoice, details, issuing, nowMs);
  if (outcome.kind !== 'terms') return outcome;
  const { terms } = outcome;
  const { taxMinor } = terms;
  const basis = { terms, facts: issuing, details, breach, readings };
  const document = issuedDocument({ ...invoice, taxMinor, issuedAtMs: nowMs }, basis);
  return { kind: 'document', document: { ...document, displayNumber: '', paymentReference: '' }, taxMinor };
}
