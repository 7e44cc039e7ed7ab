/** Wires the verification of signatures on Node: the check, and the directories of signers that the ledger shares. */

import { importSignatureKeys } from '../../adapters/crypto/signature-keys.ts';
import type { SignatureCheck } from '../../identify/asker/port.ts';
import { fetchShared } from '../../identify/signature/fetch-directory.ts';
import type { DirectoryStore, FetchDocument } from '../../identify/signature/port.ts';
import { DirectoryResolver } from '../../identify/signature/resolver.ts';
import type { SignatureSettings } from '../../identify/signature/settings.ts';
import type { SignatureCounts } from '../../report/signature-counts.ts';
import type { Logger } from '../logs/log.ts';
import { signatureCheckOf } from './check.ts';

export interface SignaturesOptions {
  readonly settings: SignatureSettings;
  readonly store: DirectoryStore;
  /** Null if this process must not fetch. */
  readonly fetchDocument: FetchDocument | null;
  readonly counts: SignatureCounts;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** Directories without an attempt for this long are deleted from the ledger. */
const KEPT_MS = 7 * 86_400_000;

/** Requests are served at once. Known directories are read meanwhile; others, once a request names them. */
export function startSignatures(options: SignaturesOptions): SignatureCheck {
  const { settings, store, fetchDocument, counts, nowMs, log } = options;
  const warn = (error: unknown) =>
    log.warn({ err: error }, 'the directories of signers cannot be shared through the ledger');
  const resolver = new DirectoryResolver({
    resolve: (signer, knownMs) =>
      fetchShared(signer, knownMs, { store, fetchDocument, nowMs, onStoreError: warn }),
    importKeys: importSignatureKeys,
    defer: (task) => void setImmediate(() => void task()),
    nowMs,
    onDropped: () => counts.directoryDropped(),
    onError: (error) =>
      log.warn({ err: error }, 'the directory of a signer cannot be read; a later request retries'),
  });
  const loadKnown = async () => {
    const sinceMs = nowMs() - KEPT_MS;
    await store.forget(sinceMs);
    await resolver.learn(await store.triedSince(sinceMs));
  };
  void loadKnown().catch(warn);
  return signatureCheckOf({ settings, keys: resolver.directories, counts, nowMs, log });
}
