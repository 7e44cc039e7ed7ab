/** The billing ledger on PostgreSQL and PGlite. */

import { invoiceActions } from '../../../invoice/actions.ts';
import type { BillingLedger, BillingRules, InvoiceActions, InvoiceNumbers } from '../../../invoice/port.ts';
import type { NumberRegister } from '../../../invoice/register.ts';
import { clientsOnHold } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { bookOpening } from '../receivable/open-books.ts';
import { openAccount } from './account.ts';
import { comparisonWith, invoiceNumbersIn } from './invoice-series.ts';
import { invoiceTransactions } from './invoice-transactions.ts';
import type { Lead } from './leader.ts';
import { clearUnbillable, draftsToIssue, dueClients } from './plan.ts';

export interface BillingLedgerOptions {
  readonly rules: BillingRules;
  /** `advisoryLead` on a server, `processLead` on the embedded ledger. */
  readonly lead: Lead;
  /** Stores invoice numbers outside the database; omitted in tests that restore nothing. */
  readonly register?: NumberRegister;
  /** Epoch milliseconds, for the columns that record when a row was written. */
  readonly now: () => number;
}

export function postgresBillingLedger(
  db: LedgerDb,
  options: BillingLedgerOptions,
): BillingLedger & InvoiceNumbers {
  const { rules, lead, now, register = null } = options;
  return {
    ...postgresInvoices(db, rules, register),
    compareNumbers: register === null ? async () => {} : comparisonWith(db, register),
    lead,
    openBooks: bookOpening(db),
    clearUnbillable: () => clearUnbillable(db),
    dueClients: (nowMs, after, limit) => dueClients(db, nowMs, after, limit),
    withAccount: (clientId, work) =>
      db.transaction(async (tx) => work(await openAccount(tx, clientId, now)), {
        isolationLevel: 'read committed',
      }),
    holdCounts: () => clientsOnHold(db),
    draftsToIssue: (nowMs) => draftsToIssue(db, nowMs, rules.latenessMs),
  };
}

/** The actions on invoices alone. `register` keeps the numbers outside the database; null in tests that restore nothing. */
export function postgresInvoices(
  db: LedgerDb,
  rules: BillingRules,
  register: NumberRegister | null = null,
): InvoiceActions & InvoiceNumbers {
  const actions = invoiceActions(invoiceTransactions(db, rules.bucketSeconds), rules, register);
  return { ...actions, ...invoiceNumbersIn(db, register) };
}
