/** Revenue: what was issued and credited in each month, and what became of its invoices. */

import { groupedBy, monthOfDate, owedAt, sumOfMinor, takenOff } from './book.ts';
import { amountColumn, CLIENT, CURRENCY, countColumn, MONTH, SELLER, textColumn } from './columns.ts';
import type { BookedDocument, ReportQuery } from './port.ts';
import { reportOf } from './report.ts';

type Group = Pick<BookedDocument, 'clientId' | 'clientName' | 'sellerId' | 'currency' | 'claim'>;

interface RevenueRow extends Group {
  readonly month: string;
  readonly documents: number;
  readonly issuedMinor: bigint;
  readonly creditedMinor: bigint;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly paidMinor: bigint;
  readonly writtenOffMinor: bigint;
  readonly openMinor: bigint;
}

/** One row for each month, client, seller, currency and kind of claim. */
function revenueRows(documents: readonly BookedDocument[], { asAt }: ReportQuery): RevenueRow[] {
  const groups = groupedBy(
    documents.filter(({ issuedOn }) => issuedOn <= asAt),
    (one) => [monthOfDate(one.issuedOn), one.clientId, one.sellerId, one.currency, one.claim],
  );
  return groups.map((group) => {
    const { issuedOn, clientId, clientName, sellerId, currency, claim } = group[0]!;
    const invoices = group.filter(({ kind }) => kind !== 'credit_note');
    const netMinor = sumOfMinor(group, (one) => one.netMinor);
    const issuedMinor = sumOfMinor(invoices, (one) => one.netMinor);
    return {
      ...{ month: monthOfDate(issuedOn), clientId, clientName, sellerId, currency, claim },
      documents: group.length,
      ...{ issuedMinor, creditedMinor: issuedMinor - netMinor, netMinor },
      taxMinor: sumOfMinor(group, (one) => one.taxMinor),
      paidMinor: sumOfMinor(invoices, (one) => takenOff(one, 'payment', asAt)),
      writtenOffMinor: sumOfMinor(invoices, (one) => takenOff(one, 'write_off', asAt)),
      openMinor: sumOfMinor(invoices, (one) => owedAt(one, asAt)),
    };
  });
}

export const revenueReport = reportOf<RevenueRow>({
  title: 'Revenue',
  question: 'What was claimed in each month, and what has been paid of it?',
  formula: [
    'Issued: net amounts of the invoices and supplements that were issued in the month.',
    'Credited: net amounts of the credit notes that were issued in the month. Net = issued - credited.',
    'Tax: tax of these documents; that of credit notes is negative.',
    'Paid, written off and open: what payments and write-offs took off the invoices and supplements of the month until the date "as at", and what was owed on them then, all with tax. Credits of any month lower what is open.',
    'An invoice that is older than the book has neither payments nor an open amount.',
  ],
  parameters: ['range', 'asAt', 'currency', 'seller', 'client'],
  chart: { isByMonth: true, values: ['net'] },
  columns: [
    MONTH,
    ...CLIENT,
    SELLER,
    textColumn('claim', 'Claim', ({ claim }) => claim),
    CURRENCY,
    countColumn('documents', 'Documents', (row) => row.documents),
    amountColumn('issued', 'Issued', (row) => row.issuedMinor),
    amountColumn('credited', 'Credited', (row) => row.creditedMinor),
    amountColumn('net', 'Net', (row) => row.netMinor),
    amountColumn('tax', 'Tax', (row) => row.taxMinor),
    amountColumn('paid', 'Paid', (row) => row.paidMinor),
    amountColumn('writtenOff', 'Written off', (row) => row.writtenOffMinor),
    amountColumn('open', 'Open', (row) => row.openMinor),
  ],
  async *rows(books, query) {
    const { from, to, asAt } = query;
    const issuedTo = asAt < to ? asAt : to;
    yield revenueRows(await books.documents(query, { issuedFrom: from, issuedTo }), query);
  },
});
