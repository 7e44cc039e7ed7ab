/** Claims that expire soon. */

import { daysBetween } from '../../receivable/date.ts';
import type { ClaimExpiry } from '../../seller/claim-expiry.ts';
import type { InboxItem } from './item.ts';

/** Days before the expiry from which a claim waits in the inbox. */
const EXPIRY_DAYS = 90;

/** The first expiry that lies ahead, if it is near; otherwise null. @param state what holds the claim up. */
export function expiringItem(
  expiries: readonly ClaimExpiry[],
  today: string,
  state: string,
): Pick<InboxItem, 'kind' | 'why' | 'roles'> | null {
  const ahead = expiries.filter(({ on }) => on >= today).sort((a, b) => (a.on < b.on ? -1 : 1));
  const [next] = ahead;
  if (next === undefined || daysBetween(today, next.on) > EXPIRY_DAYS) return null;
  const days = daysBetween(today, next.on);
  const when = days === 0 ? 'today' : `in ${days} ${days === 1 ? 'day' : 'days'}, on ${next.on}`;
  return {
    kind: 'expiring',
    why: `${state}, and a claim expires ${when}: ${next.label.en}`,
    roles: ['finance'],
  };
}
