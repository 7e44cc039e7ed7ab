/** The present figures of a client as operators see them: ISO 8601 timestamps, amounts in major units. */

import { type CurrencyAmount, formatMoney } from '../../tariff/money.ts';
import { type Cell, figure } from '../csv.ts';
import { isoTimestampOrNull } from '../timestamp.ts';
import type { ClientNow } from './client-now.ts';

export type ClientNowView = ReturnType<typeof clientNowView>;

export function clientNowView(now: ClientNow) {
  const { kind, total, windowMs, threshold, share, pace, requests, uncounted, isOnHold } = now;
  return {
    kind,
    total,
    windowSeconds: windowMs / 1000,
    threshold,
    share: share === null ? null : Number(share.toFixed(6)),
    pace,
    overAt: isoTimestampOrNull(now.overAtMs),
    ifCrossed: now.ifCrossed === null ? null : currencyView(now.ifCrossed),
    drafts: now.drafts.map(currencyView),
    month: { posts: now.monthPosts, amounts: now.month.map(currencyView) },
    requests,
    uncounted,
    lastSeenAt: isoTimestampOrNull(now.lastSeenMs),
    breach: now.openStretchFromMs !== null ? 'open' : now.isSettling ? 'settling' : null,
    isOnHold,
  } as const;
}

export function currencyView({ currency, amountMinor }: CurrencyAmount) {
  return { currency, amount: formatMoney(amountMinor, currency) };
}

export const CLIENT_COLUMNS = [
  'client',
  'name',
  'source',
  'tariff',
  'total',
  'windowSeconds',
  'threshold',
  'percent',
  'pace',
  'overAt',
  'drafts',
  'monthPosts',
  'monthAmounts',
  'requests',
  'uncounted',
  'lastSeenAt',
  'breach',
  'onHold',
] as const;

/** The cells of `CLIENT_COLUMNS`. Amounts of several currencies are in one cell, because they cannot be added. */
export function clientCells(
  client: { readonly id: string; readonly name: string; readonly source: string },
  now: ClientNowView,
): Cell[] {
  return [
    client.id,
    client.name,
    client.source,
    now.kind,
    now.total,
    now.windowSeconds,
    now.threshold,
    now.share === null ? null : figure((now.share * 100).toFixed(1)),
    now.pace,
    now.overAt,
    amountsText(now.drafts),
    now.month.posts,
    amountsText(now.month.amounts),
    now.requests,
    now.uncounted,
    now.lastSeenAt,
    now.breach,
    now.isOnHold ? 'yes' : 'no',
  ];
}

function amountsText(amounts: ClientNowView['drafts']): string {
  return amounts.map(({ currency, amount }) => `${currency} ${amount}`).join('; ');
}
