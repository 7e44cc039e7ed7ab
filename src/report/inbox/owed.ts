/** What waits among issued invoices: answers to disputes, reminders, and claims that expire. */

import { utcDateOf } from '../../receivable/date.ts';
import { nextDunning } from '../../receivable/dunning.ts';
import { expiringItem } from './expiring.ts';
import type { InboxItem } from './item.ts';
import type { OwedInvoice } from './port.ts';

const DAY_MS = 86_400_000;
/** Time for the answer to a dispute before it waits in the inbox. */
const ANSWER_DAYS = 7;

export function owedItems(owed: OwedInvoice, nowMs: number): InboxItem[] {
  const { id, number, clientId, currency, balanceMinor, dispute } = owed;
  const today = utcDateOf(nowMs);
  const item = {
    ...{ subject: `invoices/${id}`, title: `invoice ${number}`, clientId },
    money: { amountMinor: balanceMinor, currency },
    roles: ['finance'] as const,
  };
  const page = `/invoices/${id}`;
  const items: InboxItem[] = [];
  if (dispute !== null && !dispute.isAnswered && nowMs - dispute.openedAtMs >= ANSWER_DAYS * DAY_MS) {
    const days = Math.floor((nowMs - dispute.openedAtMs) / DAY_MS);
    const money = { amountMinor: dispute.disputedMinor, currency };
    const why = `the client disputes it (${dispute.ground.replaceAll('_', ' ')}), without an answer for ${days} days`;
    const action = { name: 'Answer', href: page };
    items.push({ ...item, kind: 'disputed', sinceMs: dispute.openedAtMs, money, why, action });
  }
  const next = nextDunning(owed, owed.levels, today);
  // The job reminds at an automatic level on its day. On a later day it has not.
  if (typeof next !== 'string' && (next.isAutomatic ? next.on < today : next.on <= today)) {
    const why = `level ${next.level} is due since ${next.on}, and it is not sent by itself`;
    const late = `level ${next.level} is due since ${next.on}, and the job has not sent it`;
    const action = { name: 'Remind', href: page };
    const sinceMs = Date.parse(next.on);
    items.push({ ...item, kind: 'reminder_due', sinceMs, why: next.isAutomatic ? late : why, action });
  }
  const expiring = expiringItem(owed.claimExpiries, today, 'it is not paid');
  if (expiring !== null) {
    items.push({ ...item, ...expiring, sinceMs: owed.issuedAtMs, action: { name: 'Look', href: page } });
  }
  return items;
}
