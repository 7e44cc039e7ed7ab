/** Wires the verification of signatures on Node: the check, and the directories of signers that the ledger shares. */

import { importSignatureKeys } from '../../adapters/crypto/signature-keys.ts';
import { systemTiming } from '../../adapters/node/timing.ts';
import type { SignatureCheck } from '../../identify/asker/port.ts';
import { fetchShared } from '../../identify/signature/fetch-directory.ts';
import type { DirectoryStore, FetchDocument } from '../../identify/signature/port.ts';
import { DirectoryResolver } from '../../identify/signature/resolver.ts';
import type { SignatureSettings } from '../../identify/signature/settings.ts';
import { BackgroundLoop } from '../../meter/poll-loop.ts';
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

export interface Signatures {
  readonly check: SignatureCheck;
  stop(): Promise<void>;
}

/** A directory that another process has fetched is known after this time. */
const POLL_MS = 15_000;
/** Clocks of processes differ, and a transaction takes time. */
const OVERLAP_MS = 60_000;
const KEPT_MS = 7 * 86_400_000;

/** Requests are served at once. Signatures are unverified until the ledger has responded for the first time. */
export function startSignatures(options: SignaturesOptions): Signatures {
  const { settings, store, fetchDocument, counts, nowMs, log } = options;
  const warn = (error: unknown) =>
    log.warn({ err: error }, 'the directories of signers cannot be shared through the ledger');
  const resolver = new DirectoryResolver({
    resolve: (signer) => fetchShared(signer, { store, fetchDocument, nowMs, onStoreError: warn }),
    importKeys: importSignatureKeys,
    defer: (task) => void setImmediate(() => void task()),
    nowMs,
    onError: (error) =>
      log.warn({ err: error }, 'the directory of a signer cannot be read; a later request retries'),
  });
  let sinceMs = nowMs() - KEPT_MS;
  const loop = new BackgroundLoop({
    step: async () => {
      const startMs = nowMs();
      await resolver.learn(await store.triedSince(sinceMs));
      await store.forget(startMs - KEPT_MS);
      sinceMs = startMs - OVERLAP_MS;
      return false;
    },
    idleMs: POLL_MS,
    timing: systemTiming,
    onError: warn,
  });
  loop.start();
  const check = signatureCheckOf({ settings, keys: resolver.directories, counts, nowMs, log });
  return { check, stop: () => loop.stop() };
}
