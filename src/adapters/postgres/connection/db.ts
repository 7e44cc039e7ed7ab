/**
 * What the two kinds of ledger database share: one query type, so that every query is written once and runs on
 * PostgreSQL and PGlite, and the parsing of their results and errors.
 */

import { DrizzleQueryError, type SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from '../schema.ts';

/** A database or an open transaction. A drizzle transaction is a database too. */
export type LedgerDb = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open ledger. `close` waits for running statements; the ledger cannot be used afterwards. */
export interface LedgerConnection {
  readonly db: LedgerDb;
  /**
   * Calls `heard` on each notification of a channel, and once whenever listening starts or restarts. Notifications
   * sent while the connection was down are lost, so the listener must query the state itself. Returns a stop
   * function.
   */
  listen(channel: string, heard: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * The rows of a raw statement. Values are as the driver parses them: bigint and timestamps are strings unless the
 * statement casts them. Prefer drizzle's builder, which maps them by the schema.
 */
export async function rowsOf(db: LedgerDb, query: SQL): Promise<ReadonlyArray<Record<string, unknown>>> {
  const answer: unknown = await db.execute(query);
  const rows = typeof answer === 'object' && answer !== null && 'rows' in answer ? answer.rows : answer;
  if (!Array.isArray(rows)) throw new TypeError('the database driver answered without rows');
  return rows;
}

/**
 * The SQLSTATE of a failed statement (PostgreSQL, appendix A), searched along the causes; undefined for other
 * errors.
 */
export function sqlStateOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(at.code)) return at.code;
  }
  return undefined;
}

/**
 * `ledger_unavailable`: it is unreachable or cannot work now; retry. `ledger_refused`: it responded, and will
 * respond the same again. The other codes are errors of opening it.
 */
export type LedgerErrorCode =
  | 'data_dir_in_use'
  | 'data_dir_unusable'
  | 'ledger_in_use'
  | 'ledger_missing'
  | 'ledger_outdated'
  | 'ledger_unavailable'
  | 'ledger_refused'
  | 'migration_failed';

/** The ledger could not be opened or queried. `cause` is the error of the driver or the system. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * True if a statement failed because the database is unreachable or cannot work now, and not because of our own
 * error.
 */
export function isLedgerAway(error: unknown): boolean {
  if (error instanceof LedgerError) return error.code === 'ledger_unavailable';
  return error instanceof DrizzleQueryError && ledgerFailure('', error).code === 'ledger_unavailable';
}

/** Transient errors: connection, resources, operator intervention (PostgreSQL, appendix A). */
const PASSING_CLASSES = new Set(['08', '53', '57']);

/** Settles like `work`, and rejects with a `LedgerError` that begins with `doing`. */
export function orLedgerFailure<T>(doing: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw ledgerFailure(doing, error);
  });
}

/**
 * The failure of a statement without the statement. Drizzle's message repeats every parameter, and neither 10,000
 * rows of usage nor a secret belong in a log.
 */
export function ledgerFailure(doing: string, error: unknown): LedgerError {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const state = sqlStateOf(cause);
  const passes = state === undefined || PASSING_CLASSES.has(state.slice(0, 2));
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new LedgerError(passes ? 'ledger_unavailable' : 'ledger_refused', `${doing}: ${reason}`, cause);
}
