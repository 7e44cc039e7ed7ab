/** The inbox in words: names of its kinds, and their counts as links. */

import type { InboxJson } from '../../admin/routes/inbox/inbox.ts';
import { grouped } from './value.tsx';

type Kind = InboxJson['items'][number]['kind'];

export const INBOX_NAMES: Readonly<Record<Kind, string>> = {
  to_approve: 'To approve',
  to_issue: 'To issue',
  lacks_details: 'Lacks details',
  to_decide: 'To decide',
  disputed: 'Disputed without an answer',
  reminder_due: 'Reminders due',
  expiring: 'Claims that expire',
  unallocated: 'Payments to allocate',
  billing_hold: 'Billing holds',
  co_debtor: 'Co-debtors without an address',
  document_failed: 'Documents that cannot be made',
  message_failed: 'Messages given up',
};

/** What waits, by kind, with links to the inbox. */
export function InboxCounts({ counts }: { counts: InboxJson['counts'] }) {
  return (
    <ul class="chips" aria-label="What waits for you">
      {counts.map(({ kind, items }) => (
        <li>
          <a href={`/inbox#${kind}`}>
            {INBOX_NAMES[kind]}: {grouped(String(items))}
          </a>
        </li>
      ))}
    </ul>
  );
}
