/** Documents, a failure and a sending, for tests of verification. */

import { v7 } from 'uuid';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { documentLedger } from '../../src/adapters/postgres/document/store.ts';
import { DocumentMaker } from '../../src/document/maker.ts';
import { jsonPress } from '../document/issued.ts';

/** Makes the documents of the first issued invoice that has none, and sends one. */
export async function fillDocuments(db: LedgerDb, atMs: number): Promise<void> {
  const ledger = documentLedger(db);
  const maker = new DocumentMaker({ ledger, press: jsonPress(), sha256, newId: v7, nowMs: () => atMs });
  const [subject = ''] = await ledger.unmade(0, 0, 1);
  const [made] = await maker.makeWanted(subject, 'billing');
  if (made?.kind !== 'made') throw new Error(`no document is made of ${subject}`);
  await ledger.addSending({
    ...{ id: v7(), documentId: made.document.id, channel: 'mail', address: 'ap@acme.example', atMs },
    ...{ actor: 'finance', outcome: 'sent', status: 250, detail: '250 OK' },
  });
  const { kind, format, language } = made.document;
  await ledger.fail({ subject, kind, format, language, copy: 9, code: 'x', detail: 'x', atMs });
}
