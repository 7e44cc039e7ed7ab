/** Finds what the routes of documents work on, and refuses what cannot be done with it. */

import type { DocumentDesk } from '../../../document/desk.ts';
import { DocumentError } from '../../../document/document-error.ts';
import type { MakeOutcome } from '../../../document/maker.ts';
import type { DocumentFile } from '../../../document/port.ts';
import { subjectOfInvoice } from '../../../document/wanted.ts';
import type { IssuedDocument } from '../../../invoice/document.ts';
import type { AdminDeps } from '../../deps.ts';
import type { InvoiceDetail } from '../../port.ts';
import { fieldProblem, HttpProblem } from '../../problem.ts';
import { unknownInvoice } from '../invoices/invoice-refusal.ts';

export type DocumentDeps = Pick<AdminDeps, 'store' | 'documents' | 'now'>;

export interface DocumentedInvoice {
  readonly invoice: InvoiceDetail;
  readonly document: IssuedDocument;
}

export async function existingInvoice(
  { store }: Pick<AdminDeps, 'store'>,
  id: string,
): Promise<InvoiceDetail> {
  const invoice = await store.invoice(id);
  if (invoice === null) throw unknownInvoice();
  return invoice;
}

/** Throws 409 for an invoice that is not issued or is older than documents. */
export async function documentedInvoice(deps: DocumentDeps, id: string): Promise<DocumentedInvoice> {
  const invoice = await existingInvoice(deps, id);
  const { document } = invoice;
  if (document !== null) return { invoice, document };
  throw invoice.status === 'issued'
    ? fieldProblem(
        409,
        'invoiceId',
        'was issued before invoices had documents',
        'export its evidence instead',
      )
    : fieldProblem(409, 'invoiceId', 'is not issued, so it has no documents', 'issue it, or see its preview');
}

/** Throws 404 if the document does not belong to the invoice. */
export async function documentOfInvoice(
  { documents }: Pick<DocumentDeps, 'documents'>,
  invoiceId: string,
  documentId: string,
): Promise<DocumentFile> {
  const ofInvoice = await documents.ledger.list(subjectOfInvoice(invoiceId));
  const file = ofInvoice.some(({ id }) => id === documentId) ? await documents.ledger.byId(documentId) : null;
  if (file !== null) return file;
  throw fieldProblem(404, 'documentId', 'does not exist', `see /v1/invoices/${invoiceId}/documents`);
}

/** Throws 501 in a process that makes no documents. */
export function worksOf({ works }: DocumentDesk): NonNullable<DocumentDesk['works']> {
  if (works !== null) return works;
  throw new HttpProblem(
    501,
    'This deployment does not make or send documents. Run `postmeter serve` on Node with the same DATABASE_URL: it makes them and sends mail.',
  );
}

/** Returns the document. Throws the problem of another outcome. */
export function madeDocument(outcome: MakeOutcome): Extract<MakeOutcome, { kind: 'made' }> {
  switch (outcome.kind) {
    case 'made':
      return outcome;
    case 'not_found':
      throw unknownInvoice();
    case 'no_such_copy':
      throw fieldProblem(
        400,
        'copy',
        `does not exist: the document has ${outcome.copies}`,
        `use 1 to ${outcome.copies}`,
      );
    case 'pdf_only':
      throw fieldProblem(400, 'format', 'is for invoices', 'use pdf');
    case 'refused':
      throw refusedDocument(outcome.error);
  }
}

/** Rethrows an error of drawing; one of the input becomes a problem. */
export function throwRefusal(error: unknown): never {
  throw error instanceof DocumentError ? refusedDocument(error) : error;
}

function refusedDocument({ message, faults }: DocumentError): HttpProblem {
  return new HttpProblem(422, message, { code: 'document_refused', errors: faults });
}
