/** A breach as finance and operators see it: timestamps in ISO 8601, the amount in major units. */

import type { Breach } from '../invoice/model.ts';
import { formatMoney } from '../tariff/money.ts';
import { isoTimestamp, isoTimestampOrNull } from './timestamp.ts';

/** For `closesAtMs` see `breachClosesAtMs`. */
export function breachView(breach: Breach, closesAtMs: number | null) {
  const { id, clientId, state, posts, billedPosts, unbilledReason, peakPosts, currency } = breach;
  return {
    id,
    clientId,
    state,
    from: isoTimestamp(breach.fromMs),
    to: isoTimestamp(breach.toMs),
    closesAt: isoTimestampOrNull(closesAtMs),
    posts,
    billedPosts,
    unbilledReason,
    peakPosts,
    peakAt: isoTimestamp(breach.peakAtMs),
    amount: formatMoney(breach.amountMinor, currency),
    currency,
  };
}
