/** What directories of signers need from outside: the network, and the ledger that all processes share. */

import type { JWK } from 'jose';
import type { FetchedDocument } from './directory.ts';

/**
 * Fetches a document from a public address by https: status 200, no redirect, at most 3 s and 64 KB. Rejects with an
 * error whose message says what is wrong.
 */
export type FetchDocument = (url: string) => Promise<FetchedDocument>;

/** A directory as the ledger keeps it. */
export interface StoredDirectory {
  readonly name: string;
  readonly triedMs: number;
  /** When a fetch last succeeded; null if none did. */
  readonly fetchedMs: number | null;
  readonly freshUntilMs: number | null;
  readonly keys: readonly JWK[];
  /** Why the last fetch failed; null if it succeeded. */
  readonly failure: string | null;
  /** Failures in a row. */
  readonly failures: number;
}

export interface DirectoryStore {
  read(name: string): Promise<StoredDirectory | null>;
  /**
   * Claims the next attempt for this process.
   * @param triedMs of the row that was read; null if there was none.
   * @returns false if another process has claimed or made an attempt since.
   */
  claim(name: string, nowMs: number, triedMs: number | null): Promise<boolean>;
  save(directory: StoredDirectory): Promise<void>;
  /** Directories with an attempt at or after this time. */
  triedSince(fromMs: number): Promise<readonly StoredDirectory[]>;
  /** Deletes directories whose last attempt was before this time. */
  forget(beforeMs: number): Promise<void>;
}
