/** Gives a command the admin API: in this process on the ledger, or of the gateway that has the embedded ledger open. */

import { LedgerError } from '../../../adapters/postgres/connection/db.ts';
import { type Environment, readEnvironment } from '../../environment.ts';
import { openLedger } from '../../stores/ledger.ts';
import { UsageError } from '../../usage-error.ts';
import type { AdminApi } from './admin-api.ts';
import { gatewayApi } from './gateway-api.ts';
import { ledgerApi } from './ledger-api.ts';

/** Runs `work` and closes everything. The ledger must exist, because a command never creates or migrates one. */
export async function withAdminApi<T>(work: (api: AdminApi) => Promise<T>): Promise<T> {
  const env = readEnvironment(process.env);
  const ledger = await openUnlessInUse(env);
  if (ledger instanceof LedgerError) return work(gatewayApi(env, ledger));
  try {
    const api = await ledgerApi(ledger, env);
    return await work(api).finally(api.close);
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
