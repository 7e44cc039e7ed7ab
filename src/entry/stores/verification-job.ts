/** Verifies the ledger of a Node process in the background when an operator asks for it. */

import { sha256 } from '../../adapters/crypto/sha256.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { withVerifiableLedger } from '../../adapters/postgres/verification/verification.ts';
import type { VerificationJob, VerificationRun } from '../../admin/health/port.ts';
import type { AdminLog } from '../../admin/port.ts';
import type { BillingRules } from '../../invoice/port.ts';
import type { Finding, VerifiedCounts } from '../../verify/finding.ts';
import { verifyLedger } from '../../verify/ledger.ts';
import { failureText } from '../failure-text.ts';

export interface VerificationJobOptions {
  readonly db: LedgerDb;
  readonly rules: BillingRules;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: AdminLog;
}

/** Differences that a run remembers. The others are counted. */
const MAX_FINDINGS = 100;

export function verificationJob({ db, rules, nowMs, log }: VerificationJobOptions): VerificationJob {
  let latest: VerificationRun | null = null;

  const work = async (): Promise<Pick<VerificationRun, 'findings' | 'differences' | 'verified'>> =>
    withVerifiableLedger(db, async (ledger) => {
      const findings: Finding[] = [];
      let differences = 0;
      let verified: VerifiedCounts | null = null;
      for await (const event of verifyLedger(ledger, rules, sha256)) {
        if ('verified' in event) verified = event.verified;
        if (!('finding' in event)) continue;
        differences++;
        if (findings.length < MAX_FINDINGS) findings.push(event.finding);
      }
      return { findings, differences, verified };
    });

  const run = async (started: VerificationRun): Promise<void> => {
    try {
      const result = await work();
      latest = { ...started, ...result, finishedAtMs: nowMs() };
    } catch (error) {
      log.warn({ err: error }, 'the ledger could not be verified');
      latest = { ...started, failure: failureText(error), finishedAtMs: nowMs() };
    }
  };

  return {
    latest: () => latest,
    start(actor) {
      if (latest !== null && latest.finishedAtMs === null) return latest;
      const none = { finishedAtMs: null, findings: [], differences: 0, verified: null, failure: null };
      latest = { startedAtMs: nowMs(), startedBy: actor, ...none };
      void run(latest);
      return latest;
    },
  };
}
