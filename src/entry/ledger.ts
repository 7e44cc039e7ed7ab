/** Opens the ledger that the environment names, its tables up to date: what every command that needs one begins with. */

import { openPglite, type PgliteLedger } from '../adapters/pglite/open.ts';
import type { LedgerDb } from '../adapters/postgres/db.ts';
import { ledgerDirectorySource } from '../adapters/postgres/directory-source.ts';
import { migratePglite, migratePostgres } from '../adapters/postgres/migrate.ts';
import { openPostgres, type PostgresLedger } from '../adapters/postgres/open.ts';
import { postgresUsageLedger } from '../adapters/postgres/usage-ledger.ts';
import type { DirectorySource } from '../identify/port.ts';
import type { UsageLedger } from '../meter/port.ts';
import { UsageError } from './usage-error.ts';

/** What of the environment says where the ledger is. */
export interface LedgerEnv {
  readonly DATABASE_URL?: string | undefined;
  readonly DATA_DIR?: string | undefined;
  readonly POSTMETER_SECRET?: string | undefined;
}

export interface OpenLedger {
  readonly db: LedgerDb;
  readonly kind: 'postgres' | 'pglite';
  /** The driver below `db`, for what needs a connection of its own. */
  readonly connection: PostgresLedger | PgliteLedger;
  readonly usage: UsageLedger;
  readonly directory: DirectorySource;
  /** Migrations that opening it applied. */
  readonly migrated: number;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** To be read as it stands: its tables are not brought up to date, and a statement takes as long as it takes. */
  readonly asItStands?: boolean;
}

const DEFAULT_DATA_DIR = './data';

/**
 * PostgreSQL where DATABASE_URL is set, else PGlite in DATA_DIR. Throws `UsageError` for a DATABASE_URL that is none,
 * `LedgerError` where it cannot be opened (`data_dir_in_use`, `ledger_unavailable`, `migration_failed`, ...).
 */
export async function openLedger(env: LedgerEnv, options: LedgerOptions = {}): Promise<OpenLedger> {
  const { asItStands = false } = options;
  const url = env.DATABASE_URL;
  if (url === undefined || url === '') return openEmbedded(env, asItStands);
  checkUrl(url);
  const migrated = asItStands ? 0 : await migratePostgres(url);
  const ledger = await openPostgres(url, asItStands ? { statementTimeoutMs: 0 } : {});
  return assembled(env, ledger, migrated, 1);
}

async function openEmbedded(env: LedgerEnv, asItStands: boolean): Promise<OpenLedger> {
  const ledger = await openPglite(env.DATA_DIR || DEFAULT_DATA_DIR);
  try {
    const migrated = asItStands ? 0 : await migratePglite(ledger);
    return assembled(env, ledger, migrated, Number.POSITIVE_INFINITY);
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

/** Never repeats the URL: a password may be in it. */
function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'postgres:' || protocol === 'postgresql:') return;
  throw new UsageError(
    'DATABASE_URL is not the URL of a PostgreSQL database: write postgres://user:password@host:5432/database, ' +
      'or leave it unset for the embedded ledger in DATA_DIR',
  );
}
