/** The desk of claims on the ledger: each change is one transaction with its audit row and its event. */

import type { ClaimDesk } from '../../../admin/claims/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { answerDispute, disputeById, disputesOf, openDispute, resolveDispute } from './disputes.ts';
import { dunningsOf, remind } from './dunnings.ts';

export function claimDesk(db: LedgerDb): ClaimDesk {
  return {
    openDispute: (dispute, who) => db.transaction((tx) => openDispute(tx, dispute, who)),
    answerDispute: (id, answer, who) => db.transaction((tx) => answerDispute(tx, id, answer, who)),
    resolveDispute: (id, outcome, text, who) =>
      db.transaction((tx) => resolveDispute(tx, id, { outcome, text }, false, who)),
    dispute: (id) => disputeById(db, id),
    disputes: (invoiceId) => disputesOf(db, invoiceId),
    remind: (invoiceId, who) => db.transaction((tx) => remind(tx, invoiceId, who)),
    dunnings: (invoiceId) => dunningsOf(db, invoiceId),
  };
}
