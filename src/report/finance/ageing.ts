/** Ageing: what each client owes as at a date, by the age of the debt. */

import { type Ageing, ageingOf } from '../../receivable/ageing.ts';
import { groupedBy, isDisputedAt, owedAt } from './book.ts';
import { amountColumn, CLIENT, CURRENCY, SELLER } from './columns.ts';
import type { BookedDocument, ReportQuery } from './port.ts';
import { reportOf } from './report.ts';

type AgeingRow = Pick<BookedDocument, 'clientId' | 'clientName' | 'sellerId'> & Ageing;

/** One row for each client, seller and currency with debts. Entries and disputes after `asAt` do not count. */
export function ageingRows(documents: readonly BookedDocument[], { asAt }: ReportQuery): AgeingRow[] {
  const owed = documents.flatMap((document) => {
    const openMinor = owedAt(document, asAt);
    const { dueOn, currency } = document;
    if (dueOn === null || openMinor === 0n) return [];
    return [{ document, debt: { currency, dueOn, openMinor, isDisputed: isDisputedAt(document, asAt) } }];
  });
  const groups = groupedBy(owed, ({ document: { clientId, sellerId } }) => [clientId, sellerId]);
  return groups.flatMap((group) => {
    const { clientId, clientName, sellerId } = group[0]!.document;
    const debts = group.map(({ debt }) => debt);
    return ageingOf(debts, asAt).map((ageing) => ({ clientId, clientName, sellerId, ...ageing }));
  });
}

export const ageingReport = reportOf<AgeingRow>({
  title: 'Ageing',
  question: 'Who owes how much, and for how long?',
  formula: [
    'Open: the sum of the entries of an invoice (charge, payments, credits, write-offs and reversals) that take effect until the date "as at". Later entries do not count.',
    'Age: days from the due date to the date "as at". An invoice is not due until the day after its due date.',
    'An invoice that is disputed on that date has its whole open amount under "disputed", and in no age.',
    'Total = the ages and what is disputed.',
  ],
  parameters: ['asAt', 'currency', 'seller', 'client'],
  chart: {
    isByMonth: false,
    values: ['notDue', 'days1To30', 'days31To60', 'days61To90', 'over90Days', 'disputed'],
  },
  columns: [
    ...CLIENT,
    SELLER,
    CURRENCY,
    amountColumn('notDue', 'Not due', ({ buckets }) => buckets.not_due),
    amountColumn('days1To30', '1-30 days', ({ buckets }) => buckets.days_1_30),
    amountColumn('days31To60', '31-60 days', ({ buckets }) => buckets.days_31_60),
    amountColumn('days61To90', '61-90 days', ({ buckets }) => buckets.days_61_90),
    amountColumn('over90Days', 'Over 90 days', ({ buckets }) => buckets.over_90),
    amountColumn('disputed', 'Disputed', (row) => row.disputedMinor),
    amountColumn('total', 'Total', (row) => row.totalMinor),
  ],
  async *rows(books, query) {
    yield ageingRows(await books.documents(query, { activeSince: query.asAt }), query);
  },
});
