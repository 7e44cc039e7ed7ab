/** Opens an existing ledger to verify it, with the rules of the configuration. */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { withVerifiableLedger } from '../../adapters/postgres/verification/verification.ts';
import type { VerifiableLedger } from '../../verify/port.ts';
import { readEnvironment } from '../environment.ts';
import { failureText } from '../failure-text.ts';
import { UsageError } from '../usage-error.ts';
import { openLedger } from './ledger.ts';

/** Runs `work` on the ledger and closes it. Throws `UsageError` with the reason and a hint if it cannot be read. */
export async function withLedgerToVerify<T>(
  work: (ledger: VerifiableLedger, tx: LedgerDb) => Promise<T>,
): Promise<T> {
  try {
    const ledger = await openLedger(readEnvironment(process.env), { mustExist: true, isUnhurried: true });
    try {
      return await withVerifiableLedger(ledger.db, work);
    } finally {
      await ledger.close();
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`the ledger could not be verified: ${failureText(cause)}`, { cause });
  }
}
