/** Days sales outstanding: how many days of claims are unpaid at the end of each month, and how long payment takes. */

import { daysBetween, utcDateOf } from '../../receivable/date.ts';
import { groupedBy, monthOfDate, owedAt, reversedOn, sumOfMinor } from './book.ts';
import { amountColumn, CURRENCY, countColumn, MONTH, unsummed } from './columns.ts';
import type { BookedDocument, ReportQuery } from './port.ts';
import { reportOf } from './report.ts';

/** Days of claims that the open amount is compared with. */
const DAYS = 90;

interface DsoRow {
  readonly month: string;
  /** The last day of the month, or `asAt` in its month. */
  readonly day: string;
  readonly currency: string;
  readonly openMinor: bigint;
  readonly issuedMinor: bigint;
  /** In tenths of a day; null if nothing was issued. */
  readonly dsoTenths: bigint | null;
  readonly payments: number;
  /** Days from issue to payment; null without payments. */
  readonly medianDays: number | null;
  readonly p90Days: number | null;
}

/** One row for each month of the range until `asAt` and each currency of the documents. */
export function dsoRows(documents: readonly BookedDocument[], { from, to, asAt }: ReportQuery): DsoRow[] {
  const byCurrency = groupedBy(documents, ({ currency }) => [currency]);
  return monthEnds(from, to < asAt ? to : asAt).flatMap((day) =>
    byCurrency.map((group) => dsoRow(group, day)).filter(hasFigures),
  );
}

function dsoRow(documents: readonly BookedDocument[], day: string): DsoRow {
  const month = monthOfDate(day);
  const openMinor = sumOfMinor(documents, (one) => owedAt(one, day));
  const issuedMinor = sumOfMinor(documents, ({ entries }) => {
    const charges = entries.filter(({ kind }) => kind === 'charge');
    return sumOfMinor(charges, ({ amountMinor, effectiveOn }) => {
      const age = daysBetween(effectiveOn, day);
      return age >= 0 && age < DAYS ? amountMinor : 0n;
    });
  });
  const days = documents.flatMap((document) =>
    document.entries
      .filter(({ kind, effectiveOn }) => kind === 'payment' && effectiveOn <= day)
      .filter(
        (entry) => monthOfDate(entry.effectiveOn) === month && reversedOn(document, entry, day) === null,
      )
      .map(({ effectiveOn }) => daysBetween(document.issuedOn, effectiveOn)),
  );
  days.sort((a, b) => a - b);
  return {
    ...{ month, day, currency: documents[0]!.currency, openMinor, issuedMinor },
    // Rounded half up.
    dsoTenths:
      issuedMinor === 0n ? null : (openMinor * BigInt(DAYS) * 20n + issuedMinor) / (issuedMinor * 2n),
    ...{ payments: days.length, medianDays: nearestRank(days, 0.5), p90Days: nearestRank(days, 0.9) },
  };
}

function hasFigures({ openMinor, issuedMinor, payments }: DsoRow): boolean {
  return openMinor !== 0n || issuedMinor !== 0n || payments > 0;
}

/** The last day of each calendar month from that of `from` until `to`; the last one is `to` itself. */
function monthEnds(from: string, to: string): string[] {
  const ends: string[] = [];
  const at = new Date(from);
  for (let index = 1; ; index++) {
    const end = utcDateOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + index, 0));
    if (from <= to) ends.push(end < to ? end : to);
    if (end >= to) return ends;
  }
}

/** The smallest value that at least `share` of the sorted values do not exceed. */
function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function tenths(value: bigint | null): string | null {
  return value === null ? null : `${value / 10n}.${value % 10n}`;
}

export const dsoReport = reportOf<DsoRow>({
  title: 'Days to payment',
  question: 'How many days of claims are unpaid, and how long does payment take?',
  formula: [
    `DSO = open at the end of the month / issued in the ${DAYS} days that end then x ${DAYS}, in days. The last month of the range ends on its last day.`,
    `Open: what is owed on all invoices on that day. Issued: charges of the ${DAYS} days, with tax.`,
    'Days from issue to payment: of each amount that was allocated to an invoice and that took effect in the month, unless it was reversed by then.',
    'Median and 90th percentile are nearest ranks: at least 50 % or 90 % of the payments took no longer.',
  ],
  parameters: ['range', 'asAt', 'currency', 'seller', 'client'],
  chart: { isByMonth: true, values: ['dso'] },
  columns: [
    MONTH,
    { ...{ name: 'asAt', label: 'As at', kind: 'date', isSummed: false }, cell: ({ day }) => day },
    CURRENCY,
    unsummed(amountColumn('open', 'Open', (row) => row.openMinor)),
    unsummed(amountColumn('issued', `Issued in ${DAYS} days`, (row) => row.issuedMinor)),
    {
      ...{ name: 'dso', label: 'DSO, days', kind: 'decimal', isSummed: false },
      cell: ({ dsoTenths }) => tenths(dsoTenths),
    },
    unsummed(countColumn('payments', 'Payments', (row) => row.payments)),
    unsummed(countColumn('medianDays', 'Median days', (row) => row.medianDays)),
    unsummed(countColumn('p90Days', '90th percentile, days', (row) => row.p90Days)),
  ],
  async *rows(books, query) {
    const since = utcDateOf(Date.parse(query.from) - DAYS * 86_400_000);
    yield dsoRows(await books.documents(query, { activeSince: since }), query);
  },
});
