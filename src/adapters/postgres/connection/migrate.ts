/**
 * Applies the migrations in drizzle/ to the ledger. drizzle's migrator takes no lock, so all but one of several
 * processes that start at once would fail. Here each waits for its turn and finds the work done.
 */

import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { type LedgerDb, LedgerError, ledgerFailure, rowsOf } from './db.ts';
import { openPostgres } from './open.ts';

/** The same relative path from src/ and dist/. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../../drizzle', import.meta.url));
/** "postmete" in ASCII, the key of our advisory lock. */
const LOCK = sql.raw(`x'706f73746d657465'::bigint`);

/**
 * Returns the number of applied migrations. Throws `LedgerError`: `ledger_unavailable` if the server is
 * unreachable, `migration_failed` if it refuses. A failed migration is rolled back.
 */
export async function migratePostgres(url: string): Promise<number> {
  // A pool of one, because an advisory lock belongs to its connection and the work must use the same one.
  const ledger = await openPostgres(url, { maxConnections: 1, statementTimeoutMs: 0 });
  try {
    const db = drizzle({ client: ledger.sql });
    return await underLock(ledger.db, () => migrate(db, { migrationsFolder: MIGRATIONS_FOLDER }));
  } finally {
    await ledger.close();
  }
}

/**
 * Throws `LedgerError` unless every migration of this version has been applied: `ledger_missing` if the database
 * has no ledger, `ledger_outdated` if it has one of an older version. Changes nothing.
 */
export async function demandMigrated(db: LedgerDb): Promise<void> {
  const applied = await appliedCount(db).catch((error: unknown) => {
    throw ledgerFailure('the ledger cannot be read', error);
  });
  if (applied === 0) {
    throw new LedgerError(
      'ledger_missing',
      'The database has no ledger. Check DATABASE_URL; `postmeter migrate` creates the tables in an empty database.',
    );
  }
  const missing = migrations() - applied;
  if (missing <= 0) return;
  throw new LedgerError(
    'ledger_outdated',
    `The ledger has an older version: ${missing} ${missing === 1 ? 'migration is' : 'migrations are'} missing. ` +
      'Run `postmeter migrate`, or start the gateway of this version.',
  );
}

/**
 * Runs `apply` while no other process migrates. Returns the number of applied migrations; throws `LedgerError` as
 * `migratePostgres` does.
 */
export async function underLock(db: LedgerDb, apply: () => Promise<unknown>): Promise<number> {
  try {
    await db.execute(sql`select pg_advisory_lock(${LOCK})`);
    try {
      const before = await appliedCount(db);
      await apply();
      return (await appliedCount(db)) - before;
    } finally {
      await db.execute(sql`select pg_advisory_unlock(${LOCK})`);
    }
  } catch (error) {
    throw migrationFailure(error);
  }
}

/** Errors of the server have an SQLSTATE. Without one the server was not reached. */
function migrationFailure(error: unknown): LedgerError {
  const { code, message, cause } = ledgerFailure("the ledger's tables could not be migrated", error);
  if (code === 'ledger_refused')
    return new LedgerError('migration_failed', `${message}; nothing was changed`, cause);
  return new LedgerError(
    code,
    `${message}; check that the database of DATABASE_URL is running and accepts this login`,
    cause,
  );
}

/** The number of migrations of this version that the database lacks; 0 if it has them all. Throws if it cannot be read. */
export async function missingMigrations(db: LedgerDb): Promise<number> {
  return Math.max(0, migrations() - (await appliedCount(db)));
}

function migrations(): number {
  return readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).length;
}

async function appliedCount(db: LedgerDb): Promise<number> {
  const [table] = await rowsOf(db, sql`select to_regclass('drizzle.__drizzle_migrations') as name`);
  if (table?.name == null) return 0;
  const [row] = await rowsOf(db, sql`select count(*)::int as count from drizzle.__drizzle_migrations`);
  return Number(row?.count);
}
