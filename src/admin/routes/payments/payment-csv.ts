/** Payments as CSV, one row each. */

import { type Cell, csvLines, figure } from '../../../report/csv.ts';
import type { PaymentBooks, PaymentFilter, PaymentRecord } from '../../payments/port.ts';
import type { Page } from '../../port.ts';
import { paymentJson } from './payment-schemas.ts';

/** Number of rows per read from the ledger. */
const CSV_PAGE = 500;

const COLUMNS = [
  ...(['received', 'payer', 'client', 'reference', 'currency', 'amount', 'allocated'] as const),
  ...([
    'refunded',
    'left',
    'seller',
    'method',
    'source',
    'externalId',
    'note',
    'recorded',
    'actor',
    'id',
  ] as const),
];

export async function* paymentsCsv(
  books: Pick<PaymentBooks, 'payments'>,
  filter: PaymentFilter,
): AsyncGenerator<string> {
  let header: readonly Cell[][] = [[...COLUMNS]];
  let after: string | null = null;
  do {
    const page: Page<PaymentRecord> = await books.payments(filter, { limit: CSV_PAGE, after });
    yield csvLines([...header, ...page.items.map(cellsOf)]);
    header = [];
    after = page.next;
  } while (after !== null);
}

function cellsOf(record: PaymentRecord): Cell[] {
  const payment = paymentJson(record);
  const { receivedOn, payer, clientId, reference, currency, amount, allocated, refunded, left } = payment;
  const { sellerId, method, source, externalId, note, at, actor, id } = payment;
  return [
    ...[receivedOn, payer, clientId, reference, currency, figure(amount), figure(allocated)],
    ...[figure(refunded), figure(left), sellerId, method, source, externalId, note, at, actor, id],
  ];
}
