/** What the admin API reads and writes in the ledger. It is the same in a gateway, in a command and at the edge. */

import { changeStamps } from '../../adapters/postgres/admin/changes.ts';
import { clientHistory } from '../../adapters/postgres/admin/client-history.ts';
import { journalQueries } from '../../adapters/postgres/admin/journals.ts';
import { noteStore } from '../../adapters/postgres/admin/notes.ts';
import { sessionStore } from '../../adapters/postgres/admin/sessions.ts';
import { adminStore } from '../../adapters/postgres/admin/store.ts';
import { postgresCallerLedger } from '../../adapters/postgres/callers/caller-ledger.ts';
import { postgresPromotions } from '../../adapters/postgres/callers/promotions.ts';
import { postgresClientFigures } from '../../adapters/postgres/clients/figures.ts';
import { postgresClientList } from '../../adapters/postgres/clients/list.ts';
import { isLedgerAway, type LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { postgresAskerLedger } from '../../adapters/postgres/counting/exposures.ts';
import { postgresInvoiceBook } from '../../adapters/postgres/invoices/book.ts';
import { alertStore } from '../../adapters/postgres/notify/alert-store.ts';
import { postgresPayments } from '../../adapters/postgres/receivable/books.ts';
import { claimDesk } from '../../adapters/postgres/receivable/claim-desk.ts';
import { postgresFinanceBooks } from '../../adapters/postgres/report/finance-books.ts';
import { postgresInbox } from '../../adapters/postgres/report/inbox-books.ts';
import { postgresRights } from '../../adapters/postgres/rights/books.ts';
import { postgresSellers } from '../../adapters/postgres/seller/books.ts';
import { whatIfStore } from '../../adapters/postgres/whatif/store.ts';

/** The members of `AdminDeps` that need only the ledger. @param maxSubjects limit of the registry of rights. */
export function adminBooks(db: LedgerDb, maxSubjects: number) {
  return {
    store: adminStore(db),
    sessions: sessionStore(db),
    changes: changeStamps(db),
    clientList: postgresClientList(db),
    figures: postgresClientFigures(db),
    history: clientHistory(db),
    notes: noteStore(db),
    invoiceBook: postgresInvoiceBook(db),
    payments: postgresPayments(db),
    sellers: postgresSellers(db),
    finance: postgresFinanceBooks(db),
    inbox: postgresInbox(db),
    rights: postgresRights(db, maxSubjects),
    journals: journalQueries(db),
    whatIfs: whatIfStore(db),
    askers: postgresAskerLedger(db),
    callers: postgresCallerLedger(db),
    promotions: postgresPromotions(db),
    claims: claimDesk(db),
    alerts: alertStore(db),
    isLedgerAway,
  };
}
