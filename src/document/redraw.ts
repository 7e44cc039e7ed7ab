/** Draws stored documents again, to compare their bytes: the same template makes the same bytes from the same ledger. */

import { hexOf } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import { DocumentError } from './document-error.ts';
import type { DocumentMaker } from './maker.ts';
import type { DocumentLedger } from './port.ts';

export type Redrawn =
  /** Hex SHA-256 of the stored bytes and of those drawn now; text instead of the second if nothing could be drawn. */
  | { readonly kind: 'differs'; readonly documentId: string; readonly stored: string; readonly drawn: string }
  | { readonly kind: 'same' }
  /** Another template drew it, or it is a letter before action, whose draft may have changed. */
  | { readonly kind: 'left_out' };

const PAGE_DOCUMENTS = 500;

/** Yields one result for each stored document, in the order of their ids. Rejects as the ledger does. */
export async function* redrawnDocuments(
  ledger: DocumentLedger,
  maker: DocumentMaker,
  sha256: Sha256,
): AsyncGenerator<Redrawn> {
  for (let after: string | null = null; ; ) {
    const page: readonly string[] = await ledger.ids(after, PAGE_DOCUMENTS);
    for (const documentId of page) yield await redrawn(documentId, ledger, maker, sha256);
    if (page.length < PAGE_DOCUMENTS) return;
    after = page.at(-1)!;
  }
}

async function redrawn(
  documentId: string,
  ledger: DocumentLedger,
  maker: DocumentMaker,
  sha256: Sha256,
): Promise<Redrawn> {
  const file = await ledger.byId(documentId);
  if (file === null) return { kind: 'left_out' };
  const stored = hexOf(sha256(file.bytes));
  try {
    const bytes = await maker.again(file);
    if (bytes === null) return { kind: 'left_out' };
    const drawn = hexOf(sha256(bytes));
    return drawn === stored ? { kind: 'same' } : { kind: 'differs', documentId, stored, drawn };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { kind: 'differs', documentId, stored, drawn: error.message };
  }
}
