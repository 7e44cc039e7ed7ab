/** What the administration does with documents: it reads, makes and sends them. */

import type { Sha256 } from '../meter/chain/leaves.ts';
import type { Recipient } from '../notify/port.ts';
import type { DocumentMaker } from './maker.ts';
import type { DocumentLedger, DocumentPress } from './port.ts';
import type { DocumentSender } from './sender.ts';

export interface DocumentDesk {
  readonly ledger: DocumentLedger;
  readonly sha256: Sha256;
  /** Null in a process that makes and sends no documents. */
  readonly works: {
    readonly maker: DocumentMaker;
    readonly press: DocumentPress;
    readonly sender: DocumentSender;
  } | null;
  /** The receivers of alerts that are on, to which a document may be sent. */
  readonly recipients: () => Promise<readonly Recipient[]>;
}
