/** Why a document cannot be made from its input. Trying again gives the same answer until the input changes. */

export const DOCUMENT_ERROR_CODES = [
  /** A text has characters that no font of the documents has. */
  'characters_missing',
  /** The e-invoice format demands a field that the invoice lacks, or cannot express it. */
  'e_invoice_refused',
  /** The seller's logo cannot be drawn. */
  'logo_unreadable',
] as const;
export type DocumentErrorCode = (typeof DOCUMENT_ERROR_CODES)[number];

export interface DocumentFault {
  /** Path of the field in the issued document, such as `buyer.legalName`. */
  readonly field: string;
  readonly reason: string;
  /** How to fix it. */
  readonly hint: string;
}

export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: DocumentErrorCode;
  readonly faults: readonly DocumentFault[];

  constructor(code: DocumentErrorCode, faults: readonly DocumentFault[], options?: ErrorOptions) {
    super(faults.map(({ field, reason, hint }) => `${field} ${reason}: ${hint}`).join('; '), options);
    this.code = code;
    this.faults = faults;
  }
}
