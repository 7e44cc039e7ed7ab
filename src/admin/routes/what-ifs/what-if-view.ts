/** A what-if as people see it: amounts in major units, differences beside them. */

import { type Cell, figure } from '../../../report/csv.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { tariffToJson } from '../../../tariff/terms.ts';
import type { Charged, ComparedClient } from '../../../whatif/comparison.ts';
import type { WhatIfFigures } from '../../../whatif/figures.ts';
import type { WhatIfRecord } from '../../what-if-port.ts';

export function whatIfSummary(record: WhatIfRecord) {
  const { id, state, terms, scope, change, createdBy, failure } = record;
  return {
    id,
    state,
    terms: tariffToJson(terms),
    currency: terms.kind === 'exempt' ? null : terms.currency,
    scope: {
      clients: typeof scope.clients === 'string' ? scope.clients : [...scope.clients],
      callers: scope.callers,
    },
    from: isoTimestamp(record.fromMs),
    to: isoTimestamp(record.toMs),
    change:
      change === null
        ? null
        : {
            clientId: change.clientId,
            validFrom: isoTimestamp(change.validFromMs),
            supersedes: change.supersedes,
          },
    createdAt: isoTimestamp(record.createdAtMs),
    createdBy,
    finishedAt: isoTimestampOrNull(record.finishedAtMs),
    failure,
    progress: { clients: record.checkedClients, of: record.totalClients },
  };
}

export function whatIfView(record: WhatIfRecord) {
  const { figures } = record;
  return { ...whatIfSummary(record), result: figures === null ? null : resultOf(record, figures) };
}

export function whatIfClientView({ now, tried, ...same }: ComparedClient) {
  return { ...same, now: chargedView(now), tried: chargedView(tried), differences: differences(now, tried) };
}

export const WHAT_IF_CSV_HEAD = [
  'client',
  'posts',
  'peakPosts',
  'breachesNow',
  'breachesTried',
  'monthsNow',
  'monthsTried',
  'billedPostsNow',
  'billedPostsTried',
  'currency',
  'amountNow',
  'amountTried',
  'difference',
];

/** One row per currency; one without amounts if nothing is owed on either side. */
export function whatIfCsvRows({ clientId, posts, peakPosts, now, tried }: ComparedClient): Cell[][] {
  const counts = [now.breaches, tried.breaches, now.months, tried.months, now.billedPosts, tried.billedPosts];
  const row = [clientId, posts, peakPosts, ...counts];
  const currencies = currenciesOf(now, tried);
  if (currencies.length === 0) return [[...row, null, null, null, null]];
  return currencies.map((currency) => {
    const [before, after] = [now.amounts[currency] ?? 0n, tried.amounts[currency] ?? 0n];
    const money = [before, after, after - before].map((minor) => figure(formatMoney(minor, currency)));
    return [...row, currency, ...money];
  });
}

function resultOf({ terms, invoices }: WhatIfRecord, figures: WhatIfFigures) {
  const { clients, unconcerned, now, tried, readings, curve } = figures;
  const currency = terms.kind === 'exempt' ? 'USD' : terms.currency;
  const inMajor = <T extends { readonly amountMinor: bigint }>({ amountMinor, ...same }: T) => ({
    ...same,
    amount: formatMoney(amountMinor, currency),
  });
  return {
    clients,
    unconcerned,
    now: chargedView(now),
    tried: chargedView(tried),
    differences: differences(now, tried),
    readings: readings.map(inMajor),
    curve: curve.map(inMajor),
    invoices:
      invoices?.map(({ amountMinor, differenceMinor, ...same }) => ({
        ...same,
        amount: formatMoney(amountMinor, same.currency),
        difference: formatMoney(differenceMinor, same.currency),
      })) ?? null,
  };
}

function chargedView({ amounts, ...counts }: Charged) {
  return { ...counts, amounts: moneyList(amounts) };
}

function differences(now: Charged, tried: Charged) {
  return moneyList(
    Object.fromEntries(
      currenciesOf(now, tried).map((currency) => [
        currency,
        (tried.amounts[currency] ?? 0n) - (now.amounts[currency] ?? 0n),
      ]),
    ),
  );
}

function currenciesOf(now: Charged, tried: Charged): string[] {
  return [...new Set([...Object.keys(now.amounts), ...Object.keys(tried.amounts)])].sort();
}

function moneyList(amounts: Charged['amounts']) {
  return Object.entries(amounts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => ({ currency, amount: formatMoney(minor, currency) }));
}
