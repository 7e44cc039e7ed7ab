/**
 * Transactions on one connection: its own begin and end, so that nothing is sent to a connection that was lost, and
 * no statement of a transaction ever runs outside of it.
 */

import type postgres from 'postgres';
import type { Connection } from './connection.ts';
import { LedgerError } from './db.ts';

type Parameters = postgres.ParameterOrJSON<never>[];

/** What drizzle asks of a postgres.js client, and nothing else. */
export interface Statements {
  unsafe(text: string, parameters?: Parameters, options?: postgres.UnsafeQueryOptions): Statement;
}

/** The rows as objects; `values`, asked for at once, makes them arrays. */
export type Statement = Promise<postgres.Row[]> & { values(): Promise<postgres.Row[]> };

export interface Transaction extends Statements {
  savepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

export type Run = Connection['run'];

/**
 * A machine that dies in the middle, or a pooler that does not hear of it, leaves the server with an open transaction
 * and its locks, for two hours where nothing but TCP looks after it: others' usage of the same clients would wait as
 * long. Set here, for a pooler of transactions does not pass settings of a session on.
 */
const SILENT_MS = 60_000;

/** Begins a transaction that the server ends after so long without a word, in milliseconds. */
export function beginFor(silentMs: number): string {
  return `begin; set local idle_in_transaction_session_timeout = ${silentMs}`;
}

/** Statements that go where `run` says. */
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
 * Commits what `work` did, or takes it back where it, or any statement of it, failed. Rejects at once when the
 * connection is lost, whatever `work` waits for; the server then takes it back, unless the commit was under way.
 */
export async function inTransaction<T>(
  connection: Connection,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const scope = new Scope(connection);
  await connection.run((sql) => sql.unsafe(beginFor(SILENT_MS)));
  try {
    const result = await connection.unlessLost(scope.settle(work));
    await scope.commit();
    return result;
  } catch (error) {
    scope.close();
    // Where the rollback fails the connection is lost, and the server rolls back by itself.
    await connection.run((sql) => sql.unsafe('rollback')).catch(() => connection.end());
    throw error;
  }
}

/** A transaction, or a part of it from a savepoint on. */
class Scope {
  readonly #connection: Connection;
  readonly #savepoints: { count: number };
  #failure: unknown;
  #closed = false;

  constructor(connection: Connection, savepoints = { count: 0 }) {
    this.#connection = connection;
    this.#savepoints = savepoints;
  }

  /** A statement that failed spoils the whole, even where `work` overlooked it. */
  async settle<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const statements = statementsOn((statement) => this.#run(statement));
    const result = await work({ ...statements, savepoint: (inner) => this.#savepoint(inner) });
    if (this.#failure !== undefined) throw this.#failure;
    return result;
  }

  async commit(): Promise<void> {
    this.close();
    const { command } = await this.#connection.run((sql) => sql.unsafe('commit'));
    // The server answers the commit of a failed transaction with its rollback.
    if (command !== 'COMMIT') {
      throw this.#failure ?? new LedgerError('ledger_refused', 'the ledger took the transaction back');
    }
  }

  close(): void {
    this.#closed = true;
  }

  async #run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
    if (this.#closed) throw new LedgerError('ledger_refused', 'a statement came after its transaction');
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
