/** Opens the ledger embedded in this process: PGlite on a folder, which one process has at a time. */

import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { LedgerConnection, LedgerDb } from '../postgres/db.ts';
import { LedgerError } from '../postgres/db.ts';
import * as schema from '../postgres/schema.ts';
import { lockFolder } from './folder-lock.ts';

export interface PgliteLedger extends LedgerConnection {
  readonly kind: 'pglite';
  readonly client: PGlite;
}

/**
 * Opens (and the first time makes, which takes seconds) the database in `dataDir`/ledger. What was committed survives
 * SIGKILL, because it was handed to the operating system; PGlite never calls fsync, so a power failure or a crash of
 * the machine may take the last seconds with it. Where that matters, set DATABASE_URL.
 */
export async function openPglite(dataDir: string): Promise<PgliteLedger> {
  const folder = resolve(dataDir);
  const unlock = await lockFolder(folder);
  try {
    const client = await PGlite.create(join(folder, 'ledger'));
    await client.exec("set time zone 'UTC'");
    return openOn(client, unlock);
  } catch (error) {
    await unlock();
    throw new LedgerError('ledger_unavailable', `The ledger in ${folder} cannot be opened.`, error);
  }
}

function openOn(client: PGlite, unlock: () => Promise<void>): PgliteLedger {
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
      await unlock();
    },
  };
}
