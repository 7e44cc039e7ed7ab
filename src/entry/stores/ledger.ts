/** Opens the ledger that the environment names, with its tables up to date. */

import { resolve } from 'node:path';
import { migratePglite } from '../../adapters/pglite/migrate.ts';
import { holdsLedger, openPglite, type PgliteLedger } from '../../adapters/pglite/open.ts';
import { type LedgerDb, LedgerError } from '../../adapters/postgres/connection/db.ts';
import { demandMigrated, migratePostgres } from '../../adapters/postgres/connection/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../adapters/postgres/connection/open.ts';
import { ledgerDirectorySource } from '../../adapters/postgres/directory-source.ts';
import { postgresUsageLedger } from '../../adapters/postgres/usage/ledger.ts';
import type { DirectorySource } from '../../identify/port.ts';
import type { UsageLedger } from '../../meter/port.ts';
import { UsageError } from '../usage-error.ts';

/** The environment variables that locate the ledger. */
export interface LedgerEnv {
  readonly DATABASE_URL?: string | undefined;
  readonly DATA_DIR?: string | undefined;
  readonly POSTMETER_SECRET?: string | undefined;
}

export interface OpenLedger {
  readonly db: LedgerDb;
  readonly kind: 'postgres' | 'pglite';
  /** The driver below `db`, for callers that need a dedicated connection. */
  readonly connection: PostgresLedger | PgliteLedger;
  readonly usage: UsageLedger;
  readonly directory: DirectorySource;
  /** Number of migrations that were applied on opening. */
  readonly migrated: number;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** True: the ledger must exist with its tables up to date. Default: it is created and migrated if needed. */
  readonly mustExist?: boolean;
  /** True: statements have no time limit. Default: 30 s on PostgreSQL. */
  readonly isUnhurried?: boolean;
}

const DEFAULT_DATA_DIR = './data';

/**
 * Opens PostgreSQL if DATABASE_URL is set, otherwise PGlite in DATA_DIR. Throws `UsageError` for an invalid DATABASE_URL
 * and `LedgerError` if the ledger cannot be opened (`data_dir_in_use`, `ledger_unavailable`, `migration_failed`, ...; with
 * `mustExist` also `ledger_missing` and `ledger_outdated`).
 */
export async function openLedger(env: LedgerEnv, options: LedgerOptions = {}): Promise<OpenLedger> {
  const { mustExist = false, isUnhurried = false } = options;
  const url = env.DATABASE_URL;
  if (url === undefined || url === '') return openEmbedded(env, mustExist);
  checkUrl(url);
  const migrated = mustExist ? 0 : await migratePostgres(url);
  const ledger = await openPostgres(url, isUnhurried ? { statementTimeoutMs: 0 } : {});
  return closedUnless(ledger, async () => {
    if (mustExist) await demandMigrated(ledger.db);
    return assembled(env, ledger, migrated, 1);
  });
}

async function openEmbedded(env: LedgerEnv, mustExist: boolean): Promise<OpenLedger> {
  const dataDir = env.DATA_DIR || DEFAULT_DATA_DIR;
  if (mustExist && !holdsLedger(dataDir)) {
    throw new LedgerError(
      'ledger_missing',
      `There is no ledger in DATA_DIR ${resolve(dataDir)}. Set DATABASE_URL or DATA_DIR to the gateway's value; ` +
        'postmeter serve and postmeter migrate create a ledger.',
    );
  }
  const ledger = await openPglite(dataDir);
  return closedUnless(ledger, async () => {
    if (mustExist) await demandMigrated(ledger.db);
    const migrated = mustExist ? 0 : await migratePglite(ledger);
    return assembled(env, ledger, migrated, Number.POSITIVE_INFINITY);
  });
}

async function closedUnless<T>(ledger: { close(): Promise<void> }, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

function assembled(
  env: LedgerEnv,
  connection: PostgresLedger | PgliteLedger,
  migrated: number,
  aheadPages: number,
): OpenLedger {
  const keySecret = env.POSTMETER_SECRET;
  return {
    db: connection.db,
    kind: connection.kind,
    connection,
    usage: postgresUsageLedger(connection.db, { aheadPages }),
    directory: ledgerDirectorySource(connection, keySecret ? { keySecret } : {}),
    migrated,
    close: () => connection.close(),
  };
}

/** The error does not repeat the URL, which may contain a password. */
function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'postgres:' || protocol === 'postgresql:') return;
  throw new UsageError(
    'DATABASE_URL is not the URL of a PostgreSQL database: use postgres://user:password@host:5432/database, ' +
      'or unset it to use the embedded ledger in DATA_DIR',
  );
}
