/** The ledger's side of billing, the same on PostgreSQL and PGlite. */

import type { BillingLedger, BillingRules } from '../../invoice/port.ts';
import { openAccount } from './billing-account.ts';
import { invoiceActions } from './billing-actions.ts';
import type { Lead } from './billing-leader.ts';
import { draftsToIssue, dropHarmless, dueClients } from './billing-plan.ts';
import type { LedgerDb } from './db.ts';
import { parkedClients } from './parkings.ts';

export interface BillingLedgerOptions {
  readonly rules: BillingRules;
  /** `advisoryLead` on a server, `processLead` on the embedded ledger. */
  readonly lead: Lead;
  /** Epoch milliseconds, for the columns that say when a row was written. */
  readonly now: () => number;
}

export function postgresBillingLedger(db: LedgerDb, options: BillingLedgerOptions): BillingLedger {
  const { rules, lead, now } = options;
  return {
    ...invoiceActions(db, rules),
    lead,
    dropHarmless: () => dropHarmless(db),
    dueClients: (nowMs, after, limit) => dueClients(db, nowMs, after, limit),
    withAccount: (clientId, work) =>
      db.transaction(async (tx) => work(await openAccount(tx, clientId, now)), {
        isolationLevel: 'read committed',
      }),
    parked: () => parkedClients(db),
    draftsToIssue: (nowMs) => draftsToIssue(db, nowMs, rules.latenessMs),
  };
}
