/** The book of receivables on PostgreSQL and PGlite. */

import type { PaymentBooks } from '../../../admin/payments/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { allocate, recordPayment, refund, reverseEntry } from './change.ts';
import { accountBalances, accountMovements, openDebts } from './read-account.ts';
import { invoiceEntries, listPayments, paymentDetail, recordedPayments } from './read-payments.ts';

export function postgresPayments(db: LedgerDb): PaymentBooks {
  return {
    record: (payment, allocations, who) => recordPayment(db, payment, allocations, who),
    payments: (filter, page) => listPayments(db, filter, page),
    payment: (id) => paymentDetail(db, id),
    recorded: (source, externalIds) => recordedPayments(db, source, externalIds),
    allocate: (funds, allocations, who) => allocate(db, funds, allocations, who),
    refund: (asked, who) => refund(db, asked, who),
    reverse: (reversal, who) => reverseEntry(db, reversal, who),
    entries: (invoiceId) => invoiceEntries(db, invoiceId),
    debts: (filter) => openDebts(db, filter),
    movements: (clientId, currency) => accountMovements(db, clientId, currency),
    balances: (clientId) => accountBalances(db, clientId),
  };
}
