/** The desk of documents on a ledger. */

import { sha256 } from '../../adapters/crypto/sha256.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { documentLedger } from '../../adapters/postgres/document/store.ts';
import { postgresOutbox } from '../../adapters/postgres/notify/outbox.ts';
import type { DocumentDesk } from '../../document/desk.ts';

/** @param works null in a process that makes and sends no documents. */
export function documentDesk(db: LedgerDb, works: DocumentDesk['works']): DocumentDesk {
  const outbox = postgresOutbox(db);
  return { ledger: documentLedger(db), sha256, works, recipients: () => outbox.recipients() };
}
