/** A breach as finance and operators see it: timestamps in ISO 8601, the amount in major units. */

import type { Breach } from '../invoice/model.ts';
import { formatMoney } from '../tariff/money.ts';
import { isoMoment, isoMomentOrNull } from './moment.ts';

/** For `closesAtMs` see `breachClosesAtMs`. */
export function breachView(breach: Breach, closesAtMs: number | null) {
  const { id, clientId, state, posts, billedPosts, unbilledReason, peakPosts, currency } = breach;
  return {
    id,
    clientId,
    state,
    from: isoMoment(breach.fromMs),
    to: isoMoment(breach.toMs),
    closesAt: isoMomentOrNull(closesAtMs),
    posts,
    billedPosts,
    unbilledReason,
    peakPosts,
    peakAt: isoMoment(breach.peakAtMs),
    amount: formatMoney(breach.amountMinor, currency),
    currency,
  };
}
