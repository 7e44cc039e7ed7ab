/** Creates an empty, migrated ledger for one test, on either database. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migratePglite } from '../../../src/adapters/pglite/migrate.ts';
import { openPglite } from '../../../src/adapters/pglite/open.ts';
import type { LedgerConnection } from '../../../src/adapters/postgres/connection/db.ts';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { freshDatabase } from '../../support/services/fresh-database.ts';
import { copyLedgerTemplate } from '../../support/services/ledger-template.ts';

export interface EmptyLedger {
  readonly ledger: LedgerConnection;
  /** Opens another connection to the same ledger, like a second process. PGlite has only one connection. */
  another(): Promise<LedgerConnection>;
  drop(): Promise<void>;
}

export const LEDGER_KINDS = ['postgres', 'pglite'] as const;

/** `name` appears in logs. Drop the ledger in `afterAll`. */
export function emptyLedger(kind: (typeof LEDGER_KINDS)[number], name: string): Promise<EmptyLedger> {
  return kind === 'postgres' ? onPostgres(name) : onPglite(name);
}

async function onPostgres(name: string): Promise<EmptyLedger> {
  const database = await freshDatabase(name);
  await migratePostgres(database.url);
  const opened: LedgerConnection[] = [];
  const another = async () => {
    const ledger = await openPostgres(database.url);
    opened.push(ledger);
    return ledger;
  };
  return {
    ledger: await another(),
    another,
    drop: async () => {
      for (const ledger of opened) await ledger.close();
      await database.drop();
    },
  };
}

async function onPglite(name: string): Promise<EmptyLedger> {
  const folder = await mkdtemp(join(tmpdir(), `postmeter-${name}-`));
  copyLedgerTemplate(folder);
  const ledger = await openPglite(folder);
  await migratePglite(ledger);
  return {
    ledger,
    another: async () => ledger,
    drop: async () => {
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
}
