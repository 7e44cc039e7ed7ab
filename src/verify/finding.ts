/** The output of verification: findings are differences that must not exist; notes are expected and do not fail the verification. */

/** Stable codes that scripts may use. */
export type FindingCode =
  | 'chain_sequence'
  | 'chain_link'
  | 'chain_hash'
  | 'chain_end'
  | 'batch_content'
  | 'batch_span'
  | 'gap_unlinked'
  | 'configuration_unlinked'
  | 'configuration_hash'
  | 'epoch_unlinked'
  | 'policy_hash'
  | 'usage_differs'
  | 'unique_implausible'
  | 'number_gap'
  | 'number_last'
  | 'tariff_differs'
  | 'record_differs'
  | 'seal_missing'
  | 'content_hash'
  | 'usage_hash'
  | 'chains_hash'
  | 'line_amount'
  | 'line_tariff'
  | 'invoice_sum'
  | 'invoice_differs'
  | 'document_differs'
  | 'document_redrawn'
  | 'audit_missing'
  | 'audit_differs'
  | 'billed_over_served'
  | 'breach_differs'
  | 'draft_differs'
  | 'book_differs'
  | 'rights_sequence'
  | 'rights_differ';

export type NoteCode =
  | 'records_lost'
  | 'gap'
  | 'on_hold'
  | 'dirty'
  | 'unsealed'
  | 'unchained_usage'
  | 'credit_due'
  | 'numbers_left_out'
  | 'left_out';

export interface Finding {
  readonly code: FindingCode;
  /** The subject: `journals/ID`, `invoices/NUMBER`, `clients/ID`, ... */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

export interface Note {
  readonly code: NoteCode;
  readonly subject: string;
  /** For people to read. */
  readonly text: string;
}

/** How much of a ledger was compared. */
export interface VerifiedCounts {
  readonly journals: number;
  readonly batches: number;
  /** Issued invoices. */
  readonly invoices: number;
  readonly breaches: number;
  readonly tariffVersions: number;
  /** Clients whose breaches, drafts and billed posts were compared with their usage. */
  readonly clients: number;
  /** Documents that were drawn again; absent if none were asked for. */
  readonly documents?: number;
}

export type VerificationEvent =
  | { readonly finding: Finding }
  | { readonly note: Note }
  /** The last event. */
  | { readonly verified: VerifiedCounts };

export function finding(code: FindingCode, subject: string, expected: unknown, found: unknown): Finding {
  return { code, subject, expected: String(expected), found: String(found) };
}
