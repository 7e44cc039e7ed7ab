/** One attempt to fetch the directory of a signer, shared with other processes by the ledger. */

import type { JWK } from 'jose';
import { freshSeconds, readDirectory } from './directory.ts';
import { retryAfterMs } from './known-directories.ts';
import type { DirectoryStore, FetchDocument, StoredDirectory } from './port.ts';
import { isWellKnownDirectory, type Signer, signerOf } from './signer.ts';

/** A claim of a process that stopped during its fetch ends after this time. A fetch takes at most 6 s. */
const CLAIM_MS = 10_000;

interface Fetched {
  readonly keys: readonly JWK[];
  readonly freshS: number;
}

/** Never rejects: a failure is part of the result. @param before the last attempt, whose keys a failure keeps. */
export async function fetchDirectory(
  signer: Signer,
  before: StoredDirectory | null,
  fetchDocument: FetchDocument,
  nowMs: () => number,
): Promise<StoredDirectory> {
  const { name } = signer;
  // Later than the claim, so that processes which know the claim take over the result.
  const endMs = () => Math.max(nowMs(), (before?.triedMs ?? 0) + 1);
  try {
    const { keys, freshS } = await fetchKeys(signer, fetchDocument);
    const triedMs = endMs();
    const freshUntilMs = triedMs + freshS * 1000;
    return { name, triedMs, fetchedMs: triedMs, freshUntilMs, keys, failure: null, failures: 0 };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const failures = (before?.failures ?? 0) + 1;
    const kept = before ?? { fetchedMs: null, freshUntilMs: null, keys: [] };
    return {
      name,
      triedMs: endMs(),
      fetchedMs: kept.fetchedMs,
      freshUntilMs: kept.freshUntilMs,
      keys: kept.keys,
      failure,
      failures,
    };
  }
}

async function fetchKeys(signer: Signer, fetchDocument: FetchDocument): Promise<Fetched> {
  const fetched = await fetchDocument(signer.url);
  const content = readDirectory(fetched, isWellKnownDirectory(signer));
  if (content.kind === 'keys') return { keys: content.keys, freshS: freshSeconds(fetched.cacheControl) };
  if (content.kind === 'fault') throw new Error(`the directory is not usable: ${content.reason}`);
  const elsewhere = signerOf(content.url, 'jwks_uri');
  if (elsewhere === null) throw new Error('jwks_uri of the client document is not an https URL');
  const set = await fetchDocument(elsewhere.url);
  const keys = readDirectory(set, isWellKnownDirectory(elsewhere));
  // One step only, so that documents cannot form a chain.
  if (keys.kind !== 'keys') throw new Error('jwks_uri of the client document does not lead to keys');
  return { keys: keys.keys, freshS: freshSeconds(set.cacheControl) };
}

export interface SharedFetchOptions {
  readonly store: DirectoryStore;
  /** Null if this process must not fetch. */
  readonly fetchDocument: FetchDocument | null;
  readonly nowMs: () => number;
  /** The ledger cannot be reached. The directory is fetched all the same. */
  readonly onStoreError: (error: unknown) => void;
}

/**
 * Fetches a directory unless another process has done so since. Returns null if there is no result yet, because another
 * process is fetching or because this one must not.
 * @param knownMs when the last attempt was made that this process knows; null if it knows none.
 */
export async function fetchShared(
  signer: Signer,
  knownMs: number | null,
  options: SharedFetchOptions,
): Promise<StoredDirectory | null> {
  const { store, fetchDocument, nowMs, onStoreError } = options;
  let before: StoredDirectory | null = null;
  try {
    const startMs = nowMs();
    before = await store.read(signer.name);
    const isRecent =
      before !== null && startMs < before.triedMs + Math.max(CLAIM_MS, retryAfterMs(before.failures));
    const isNews = hasResult(before) && (knownMs === null || before.triedMs > knownMs);
    if (isNews || isRecent || fetchDocument === null) return hasResult(before) ? before : null;
    if (!(await store.claim(signer.name, startMs, before?.triedMs ?? null))) return null;
    if (before !== null) before = { ...before, triedMs: startMs };
  } catch (error) {
    onStoreError(error);
  }
  if (fetchDocument === null) return null;
  const attempt = await fetchDirectory(signer, before, fetchDocument, nowMs);
  await store.save(attempt).catch(onStoreError);
  return attempt;
}

/** A row without a result is the claim of a process that is fetching. */
export function hasResult(row: StoredDirectory | null): row is StoredDirectory {
  return row !== null && (row.fetchedMs !== null || row.failures > 0);
}
