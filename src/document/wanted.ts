/** Which documents an issued invoice needs, and how documents are named. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { Language } from '../seller/language.ts';
import type { DocumentFormat, DocumentKind } from './kind.ts';

/** What identifies a document besides the template that drew it. */
export interface DocumentKey {
  /** Path of what it is made from: `invoices/ID`, `dunnings/ID`, or `invoices/ID/letters/MOMENT`. */
  readonly subject: string;
  readonly kind: DocumentKind;
  readonly format: DocumentFormat;
  readonly language: Language;
  /** From 1, the buyer's; then the co-debtors' in their order. */
  readonly copy: number;
}

export type DocumentVariant = Pick<DocumentKey, 'format' | 'language' | 'copy'>;

export function subjectOfInvoice(invoiceId: string): string {
  return `invoices/${invoiceId}`;
}

/** Each letter before action has a subject of its own, because its draft may change before the next letter. */
export function subjectOfLetter(invoiceId: string, writtenAtMs: number): string {
  return `${subjectOfInvoice(invoiceId)}/letters/${new Date(writtenAtMs).toISOString()}`;
}

/** Copies of a document: the buyer's and one for each co-debtor. */
export function copiesOf({ coDebtors }: Pick<IssuedDocument, 'coDebtors'>): number {
  return 1 + coDebtors.length;
}

/**
 * The documents that an issued invoice needs, the last copy last. With Factur-X the CII is also a document of its own,
 * so that a CII that cannot be made is reported and does not prevent the PDF.
 */
export function wantedDocuments(
  document: Pick<IssuedDocument, 'language' | 'coDebtors' | 'eInvoice'>,
): DocumentVariant[] {
  const { language, eInvoice } = document;
  const xml = eInvoice === 'facturx' ? 'cii' : eInvoice;
  const pdfs = Array.from({ length: copiesOf(document) }, (_, at) => ({
    ...{ format: 'pdf' as const, language, copy: at + 1 },
  }));
  return xml === 'none' ? pdfs : [{ format: xml, language, copy: 1 }, ...pdfs];
}

/** Characters that file systems and header fields refuse are replaced by hyphens. */
export function documentFileName(
  name: string,
  { kind, format, language, copy }: Omit<DocumentKey, 'subject'>,
  level?: number,
): string {
  const parts = [
    name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-'),
    kind === 'dunning' ? `reminder-${level ?? 1}` : kind === 'invoice' ? '' : kind,
    format === 'pdf' ? language : format,
    copy > 1 ? `copy-${copy}` : '',
  ];
  return `${parts.filter((part) => part !== '').join('-')}.${format === 'pdf' ? 'pdf' : 'xml'}`;
}
