/**
 * Transactions on one connection, with their own begin and end. Nothing is sent to a lost connection, and no
 * statement of a transaction runs outside it.
 */

import type postgres from 'postgres';
import type { Connection } from './connection.ts';
import { LedgerError } from './db.ts';

type Parameters = postgres.ParameterOrJSON<never>[];

/** The part of a postgres.js client that drizzle uses. */
export interface Statements {
  unsafe(text: string, parameters?: Parameters, options?: postgres.UnsafeQueryOptions): Statement;
}

/** The rows as objects. Calling `values` immediately makes them arrays. */
export type Statement = Promise<postgres.Row[]> & { values(): Promise<postgres.Row[]> };

export interface Transaction extends Statements {
  savepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

export type Run = Connection['run'];

/**
 * A machine that dies in a transaction, or an unaware pooler, leaves the server with an open transaction and its
 * locks, for two hours if only TCP detects it. Usage of the same clients from others would wait equally long. Set
 * here, because a transaction pooler does not pass session settings on.
 */
const IDLE_TIMEOUT_MS = 60_000;

/** Begins a transaction that the server aborts after this idle time, in milliseconds. */
export function beginFor(idleTimeoutMs: number): string {
  return `begin; set local idle_in_transaction_session_timeout = ${idleTimeoutMs}`;
}

/** Statements that run through `run`. */
export function statementsOn(run: Run): Statements {
  return {
    unsafe: (text, parameters = [], options = {}) => {
      let asValues = false;
      const answer = Promise.resolve().then(() =>
        run<postgres.Row[]>((sql) => {
          const query = sql.unsafe(text, parameters, options);
          return asValues ? query.values() : query;
        }),
      );
      const values = () => {
        asValues = true;
        return answer;
      };
      return Object.assign(answer, { values });
    },
  };
}

/**
 * Commits the work of `work`, or rolls back if it or any of its statements failed. Rejects immediately when the
 * connection is lost; the server then rolls back, unless the commit was already in progress.
 */
export async function inTransaction<T>(
  connection: Connection,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const scope = new Scope(connection);
  await connection.run((sql) => sql.unsafe(beginFor(IDLE_TIMEOUT_MS)));
  try {
    const result = await connection.unlessLost(scope.settle(work));
    await scope.commit();
    return result;
  } catch (error) {
    scope.close();
    // If the rollback fails the connection is lost, and the server rolls back by itself.
    await connection.run((sql) => sql.unsafe('rollback')).catch(() => connection.end());
    throw error;
  }
}

/** A transaction, or a nested one from a savepoint on. */
class Scope {
  readonly #connection: Connection;
  readonly #savepoints: { count: number };
  #failure: unknown;
  #closed = false;

  constructor(connection: Connection, savepoints = { count: 0 }) {
    this.#connection = connection;
    this.#savepoints = savepoints;
  }

  /** A failed statement fails the whole, even if `work` ignores the error. */
  async settle<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const statements = statementsOn((statement) => this.#run(statement));
    const result = await work({ ...statements, savepoint: (inner) => this.#savepoint(inner) });
    if (this.#failure !== undefined) throw this.#failure;
    return result;
  }

  async commit(): Promise<void> {
    this.close();
    const { command } = await this.#connection.run((sql) => sql.unsafe('commit'));
    // The server responds to the commit of a failed transaction with ROLLBACK.
    if (command !== 'COMMIT') {
      throw this.#failure ?? new LedgerError('ledger_refused', 'the ledger rolled the transaction back');
    }
  }

  close(): void {
    this.#closed = true;
  }

  async #run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
    if (this.#closed)
      throw new LedgerError('ledger_refused', 'a statement ran after the end of its transaction');
    try {
      return await this.#connection.run(statement);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async #savepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const name = `s${this.#savepoints.count++}`;
    const inner = new Scope(this.#connection, this.#savepoints);
    await this.#run((sql) => sql.unsafe(`savepoint ${name}`));
    try {
      return await inner.settle(work);
    } catch (error) {
      await this.#run((sql) => sql.unsafe(`rollback to ${name}`));
      throw error;
    } finally {
      inner.close();
    }
  }
}
