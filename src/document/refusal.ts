/** Why a document cannot be drawn. Nothing was made. */

export type DocumentRefusalCode = 'document_characters' | 'document_logo';

export class DocumentRefusal extends Error {
  override readonly name = 'DocumentRefusal';
  readonly code: DocumentRefusalCode;
  /** Path of the text or image in `DocumentInput`, such as `claim.document.buyer.legalName`. */
  readonly field: string;
  /** A predicate about the field. */
  readonly reason: string;
  /** How to fix it. */
  readonly hint: string;

  constructor(code: DocumentRefusalCode, field: string, reason: string, hint: string) {
    super(`\`${field}\` ${reason}: ${hint}`);
    this.code = code;
    this.field = field;
    this.reason = reason;
    this.hint = hint;
  }
}
