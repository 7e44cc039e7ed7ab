/** Tax: basis and tax of the documents of each month, by seller, category and rate. */

import type { TaxCategory } from '../../seller/model.ts';
import { groupedBy, monthOfDate, sumOfMinor } from './book.ts';
import { amountColumn, CURRENCY, countColumn, MONTH, SELLER, textColumn } from './columns.ts';
import type { BookedDocument, ReportQuery } from './port.ts';
import { reportOf } from './report.ts';

interface TaxRow {
  readonly month: string;
  readonly sellerId: string;
  readonly currency: string;
  /** Null: the invoice is older than tax rules. */
  readonly category: TaxCategory | null;
  readonly rateBp: number | null;
  readonly basisMinor: bigint;
  readonly taxMinor: bigint;
  readonly documents: number;
}

function taxRows(documents: readonly BookedDocument[], { asAt }: ReportQuery): TaxRow[] {
  const groups = groupedBy(
    documents.filter(({ issuedOn }) => issuedOn <= asAt),
    ({ issuedOn, sellerId, currency, tax }) => [
      ...[monthOfDate(issuedOn), sellerId, currency, tax?.category ?? ''],
      String(tax?.rateBp ?? '').padStart(5, '0'),
    ],
  );
  return groups.map((group) => {
    const { issuedOn, sellerId, currency, tax } = group[0]!;
    return {
      ...{ month: monthOfDate(issuedOn), sellerId, currency },
      ...{ category: tax?.category ?? null, rateBp: tax?.rateBp ?? null },
      basisMinor: sumOfMinor(group, ({ netMinor }) => netMinor),
      taxMinor: sumOfMinor(group, ({ taxMinor }) => taxMinor),
      documents: group.length,
    };
  });
}

export const taxReport = reportOf<TaxRow>({
  title: 'Tax',
  question: 'Which tax was invoiced in each month, on which basis?',
  formula: [
    'Basis: net amounts of the invoices, supplements and credit notes that were issued in the month. Tax: their tax. Those of credit notes are negative.',
    'Category: of EN 16931 (UNTDID 5305), frozen at issue; O is not subject to VAT. Empty: the invoice is older than tax rules.',
  ],
  parameters: ['range', 'asAt', 'currency', 'seller', 'client'],
  chart: null,
  columns: [
    MONTH,
    SELLER,
    CURRENCY,
    textColumn('category', 'Category', ({ category }) => category),
    {
      ...{ name: 'rate', label: 'Rate, %', kind: 'decimal', isSummed: false },
      cell: ({ rateBp }) => percentOf(rateBp),
    },
    countColumn('documents', 'Documents', (row) => row.documents),
    amountColumn('basis', 'Basis', (row) => row.basisMinor),
    amountColumn('tax', 'Tax', (row) => row.taxMinor),
  ],
  async *rows(books, query) {
    const { from, to, asAt } = query;
    const issuedTo = asAt < to ? asAt : to;
    yield taxRows(await books.documents(query, { issuedFrom: from, issuedTo }), query);
  },
});

function percentOf(rateBp: number | null): string | null {
  return rateBp === null ? null : (rateBp / 100).toFixed(2);
}
