/** The kinds of what may wait in the inbox, and the items of it. */

/** In the order of the inbox. */
export const INBOX_KINDS = [
  ...(['to_approve', 'to_issue', 'lacks_details', 'to_decide', 'disputed', 'reminder_due'] as const),
  ...(['expiring', 'unallocated', 'billing_hold', 'co_debtor', 'document_failed', 'message_failed'] as const),
] as const;
type InboxKind = (typeof INBOX_KINDS)[number];

/** Roles that act on what waits. */
export type ActingRole = 'operator' | 'finance' | 'admin';

export interface InboxItem {
  readonly kind: InboxKind;
  /** Path of the concerned object, as in the admin API. */
  readonly subject: string;
  /** What people call it. */
  readonly title: string;
  readonly clientId: string | null;
  /** Since when it waits. */
  readonly sinceMs: number;
  readonly money: { readonly amountMinor: bigint; readonly currency: string } | null;
  /** Why it waits, as a sentence without a full stop. */
  readonly why: string;
  /** The name of what to do, and the page of the console for it. */
  readonly action: { readonly name: string; readonly href: string };
  /** Any of them can act. */
  readonly roles: readonly ActingRole[];
}
