/** Opens the ledger embedded in this process: PGlite on a folder that only one process may use at a time. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { lockFolder } from '../node/folder-lock.ts';
import type { LedgerConnection, LedgerDb } from '../postgres/connection/db.ts';
import { LedgerError } from '../postgres/connection/db.ts';
import * as schema from '../postgres/schema.ts';

export interface PgliteLedger extends LedgerConnection {
  readonly kind: 'pglite';
  readonly client: PGlite;
}

/**
 * Opens the database in `dataDir`/ledger; creating it the first time takes seconds. Committed data survives
 * SIGKILL, because the operating system has it. PGlite never calls fsync, so a power failure or a crash of the
 * machine may lose the last seconds. If that matters, set DATABASE_URL.
 */
export async function openPglite(dataDir: string): Promise<PgliteLedger> {
  const folder = resolve(dataDir);
  const unlock = lockDataDir(folder);
  try {
    const client = await PGlite.create(join(folder, 'ledger'));
    await client.exec("set time zone 'UTC'");
    return openOn(client, unlock);
  } catch (error) {
    unlock();
    throw new LedgerError('ledger_unavailable', `The ledger in ${folder} cannot be opened.`, error);
  }
}

/** True if `dataDir` contains a database that `openPglite` would open rather than create. */
export function holdsLedger(dataDir: string): boolean {
  return existsSync(join(resolve(dataDir), 'ledger', 'PG_VERSION'));
}

/** PGlite takes no lock, and two processes on one folder silently lose committed rows. */
function lockDataDir(folder: string): () => void {
  const lock = lockFolder(folder, 'ledger.lock');
  switch (lock.kind) {
    case 'locked':
      return lock.unlock;
    case 'in_use':
      throw new LedgerError(
        'data_dir_in_use',
        `DATA_DIR ${folder} is in use by another Postmeter process. Stop that process, use another DATA_DIR, ` +
          'or set DATABASE_URL so that several processes can share a PostgreSQL ledger.',
      );
    case 'unusable':
      throw new LedgerError(
        'data_dir_unusable',
        `DATA_DIR ${folder} cannot be used: ${lock.cause.message}. Make it writable for this user, or set ` +
          'DATA_DIR to a writable folder.',
        lock.cause,
      );
  }
}

function openOn(client: PGlite, unlock: () => void): PgliteLedger {
  const db: LedgerDb = drizzle({ client, schema });
  return {
    kind: 'pglite',
    db,
    client,
    listen: async (channel, heard) => {
      const stop = await client.listen(channel, heard);
      heard();
      return () => stop();
    },
    close: async () => {
      await client.close();
      unlock();
    },
  };
}
