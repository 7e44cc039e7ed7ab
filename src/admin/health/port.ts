/** The ports of health: the journals of all processes, and the verification of the ledger on demand. */

import type { Finding, VerifiedCounts } from '../../verify/finding.ts';
import type { Page, PageRequest } from '../port.ts';

/** The journal of one process, or of one client at the edge, as the ledger has taken it. */
export interface TakenJournal {
  readonly id: string;
  readonly lastSequence: number;
  /** When the ledger took its last batch, epoch milliseconds. */
  readonly takenAtMs: number;
  /** Of the program that metered its last records; null if the ledger does not know it. */
  readonly version: string | null;
  /** Hash of the configuration under which they were metered. */
  readonly configuration: string | null;
}

export interface JournalQueries {
  /** Those that sent last first. */
  journals(page: PageRequest): Promise<Page<TakenJournal>>;
}

export interface VerificationRun {
  readonly startedAtMs: number;
  readonly startedBy: string;
  /** Null while it runs. */
  readonly finishedAtMs: number | null;
  /** The first of the differences. */
  readonly findings: readonly Finding[];
  readonly differences: number;
  /** What was compared; null before the end. */
  readonly verified: VerifiedCounts | null;
  /** Why it could not finish; null if it did, or runs. */
  readonly failure: string | null;
}

/** Verifies the whole ledger in the background, once at a time. This process remembers the last run. */
export interface VerificationJob {
  latest(): VerificationRun | null;
  /** Starts a run, or returns the one that is running. */
  start(actor: string): VerificationRun;
}
