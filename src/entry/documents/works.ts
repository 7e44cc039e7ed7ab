/** Makes and sends documents on Node. */

import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../../adapters/crypto/sealer.ts';
import { sha256 } from '../../adapters/crypto/sha256.ts';
import { nodePost } from '../../adapters/node/notify/post.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { documentLedger } from '../../adapters/postgres/document/store.ts';
import type { Config } from '../../config/schema.ts';
import type { DocumentDesk } from '../../document/desk.ts';
import { DocumentMaker } from '../../document/maker.ts';
import type { DocumentPress } from '../../document/port.ts';
import { DocumentSender } from '../../document/sender.ts';
import type { SendMail } from '../../notify/port.ts';
import { VERSION } from '../version.ts';

export interface DocumentWorksOptions {
  readonly db: LedgerDb;
  readonly press: DocumentPress;
  readonly keySecret: Uint8Array;
  readonly config: Pick<Config, 'receivers'>;
  /** Null: this process sends no mail. */
  readonly mail: SendMail | null;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
}

export function documentWorks(options: DocumentWorksOptions): NonNullable<DocumentDesk['works']> {
  const { db, press, keySecret, config, mail, nowMs } = options;
  const common = { ledger: documentLedger(db), newId: uuidv7, nowMs };
  return {
    press,
    maker: new DocumentMaker({ ...common, press, sha256 }),
    sender: new DocumentSender({
      ...common,
      mail,
      post: nodePost({ allowPrivate: config.receivers.allowPrivate }),
      sealer: sealerOf(keySecret),
      userAgent: `Postmeter/${VERSION}`,
    }),
  };
}
