/** Where a command finds the administration's data: in the ledger, or through the gateway that has it open. */

import { adminStore } from '../../adapters/postgres/admin-store.ts';
import { type LedgerDb, LedgerError } from '../../adapters/postgres/db.ts';
import type { AdminStore } from '../../admin/port.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { openLedger } from '../ledger.ts';
import { UsageError } from '../usage-error.ts';
import { type AdminApi, adminApi } from './admin-api.ts';

export interface Ways<T> {
  ledger(store: AdminStore, db: LedgerDb): Promise<T>;
  api(api: AdminApi): Promise<T>;
}

/** Takes the one way that is open, and leaves nothing open behind it. The ledger must exist: it is never created here. */
export async function byLedgerOrApi<T>(ways: Ways<T>): Promise<T> {
  const env = readEnvironment(process.env);
  const ledger = await openUnlessInUse(env);
  if (ledger instanceof LedgerError) return ways.api(adminApi(env, ledger));
  try {
    return await ways.ledger(adminStore(ledger.db), ledger.db);
  } finally {
    await ledger.close();
  }
}

async function openUnlessInUse(env: Environment) {
  try {
    return await openLedger(env, { mustExist: true });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.code === 'data_dir_in_use') return error;
    if (error.code === 'ledger_missing' || error.code === 'ledger_outdated') {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}
