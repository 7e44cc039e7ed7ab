/** Adds to a verification that each stored document is drawn again and compared. */

import { v7 as uuidv7 } from 'uuid';
import { sha256 } from '../../../adapters/crypto/sha256.ts';
import type { LedgerDb } from '../../../adapters/postgres/connection/db.ts';
import { documentLedger } from '../../../adapters/postgres/document/store.ts';
import { DocumentMaker } from '../../../document/maker.ts';
import { redrawnDocuments } from '../../../document/redraw.ts';
import { finding, type VerificationEvent } from '../../../verify/finding.ts';
import { nodePress } from '../../documents/press.ts';

/** Yields the events, with those of documents before the last one. Nothing is stored. */
export async function* withDocuments(
  events: AsyncIterable<VerificationEvent>,
  db: LedgerDb,
): AsyncGenerator<VerificationEvent> {
  for await (const event of events) {
    if (!('verified' in event)) {
      yield event;
      continue;
    }
    const ledger = documentLedger(db);
    const maker = new DocumentMaker({ ledger, press: nodePress(), sha256, newId: uuidv7, nowMs: Date.now });
    let documents = 0;
    for await (const one of redrawnDocuments(ledger, maker, sha256)) {
      if (one.kind === 'left_out') continue;
      documents++;
      if (one.kind === 'differs') {
        const { documentId, drawn, stored } = one;
        yield { finding: finding('document_redrawn', `documents/${documentId}`, drawn, stored) };
      }
    }
    yield { verified: { ...event.verified, documents } };
  }
}
