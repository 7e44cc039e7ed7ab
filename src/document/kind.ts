/** Kinds and formats of the documents that are made from issued invoices. */

/** `invoice` covers supplements and credit notes. `letter`: a letter before action, made from a draft. */
export const DOCUMENT_KINDS = ['invoice', 'dunning', 'statement', 'letter'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
export const DOCUMENT_FORMATS = ['pdf', 'cii', 'ubl', 'xrechnung-cii', 'xrechnung-ubl'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export function mediaTypeOf(format: DocumentFormat): 'application/pdf' | 'application/xml' {
  return format === 'pdf' ? 'application/pdf' : 'application/xml';
}
