/** Refusals of changes of the book. Each names the field of the request, the reason and the fix. */

export const BOOK_FAULT_CODES = [
  'other_currency',
  'other_seller',
  'other_client',
  'exceeds_owed',
  'exceeds_left',
  'already_reversed',
  'not_reversible',
  'not_found',
  'invalid_request',
] as const;
export type BookFaultCode = (typeof BOOK_FAULT_CODES)[number];

export interface BookFault {
  readonly code: BookFaultCode;
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
}
