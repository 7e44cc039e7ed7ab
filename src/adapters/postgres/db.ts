/**
 * What the ledger's two databases have in common: one query type, so that every query is written once and runs on
 * PostgreSQL and on PGlite alike, and the reading of what either answers to raw SQL or fails with.
 */

import { DrizzleQueryError, type SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.ts';

/** A database or an open transaction of it: a drizzle transaction is a database too. */
export type LedgerDb = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open ledger. `close` waits for what is running; nothing may be asked of it afterwards. */
export interface LedgerConnection {
  readonly db: LedgerDb;
  /**
   * Calls `heard` on each notification of a channel, and once whenever listening (again) begins: what was told while
   * the connection was away is lost, so the listener must look for itself. Returns a stop.
   */
  listen(channel: string, heard: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * The rows of a raw statement. Values are as the driver reads them: bigint and timestamps as strings unless the
 * statement casts them; prefer drizzle's builder, which maps them as the schema says.
 */
export async function rowsOf(db: LedgerDb, query: SQL): Promise<ReadonlyArray<Record<string, unknown>>> {
  const answer: unknown = await db.execute(query);
  const rows = typeof answer === 'object' && answer !== null && 'rows' in answer ? answer.rows : answer;
  if (!Array.isArray(rows)) throw new TypeError('the database driver answered without rows');
  return rows;
}

/** The SQLSTATE of a failed statement (PostgreSQL, appendix A), found along the causes; undefined for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(at.code)) return at.code;
  }
  return undefined;
}

/**
 * `ledger_unavailable`: it cannot be reached or cannot work now, try again. `ledger_refused`: it answered, and will
 * answer the same again. The others are of opening it.
 */
export type LedgerErrorCode =
  | 'data_dir_in_use'
  | 'data_dir_unusable'
  | 'ledger_missing'
  | 'ledger_outdated'
  | 'ledger_unavailable'
  | 'ledger_refused'
  | 'migration_failed';

/** The ledger could not be opened or asked. `cause` is what the driver or the system said. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The statement failed because the database cannot be reached or cannot work now; errors of our own are not meant. */
export function isLedgerAway(error: unknown): boolean {
  if (error instanceof LedgerError) return error.code === 'ledger_unavailable';
  return error instanceof DrizzleQueryError && ledgerFailure('', error).code === 'ledger_unavailable';
}

/** Connection, resources, operator intervention (PostgreSQL, appendix A): it passes. */
const PASSING_CLASSES = new Set(['08', '53', '57']);

/**
 * The failure of a statement without the statement: drizzle's own message repeats every parameter, and 10,000 rows of
 * usage or a secret have no place in a log.
 */
export function ledgerFailure(doing: string, error: unknown): LedgerError {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const state = sqlStateOf(cause);
  const passes = state === undefined || PASSING_CLASSES.has(state.slice(0, 2));
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new LedgerError(passes ? 'ledger_unavailable' : 'ledger_refused', `${doing}: ${reason}`, cause);
}
