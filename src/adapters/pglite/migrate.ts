/** Applies the migrations in drizzle/ to the embedded ledger. */

import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { MIGRATIONS_FOLDER, underLock } from '../postgres/connection/migrate.ts';
import type { PgliteLedger } from './open.ts';

/** Like `migratePostgres`, on the embedded database of this process. */
export async function migratePglite(ledger: PgliteLedger): Promise<number> {
  const db = drizzle({ client: ledger.client });
  return underLock(ledger.db, () => migrate(db, { migrationsFolder: MIGRATIONS_FOLDER }));
}
