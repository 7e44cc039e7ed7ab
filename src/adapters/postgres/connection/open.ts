/** Opens the ledger on a PostgreSQL server (15 or newer) through postgres.js. */

import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from '../schema.ts';
import { type Connection, type ConnectionOptions, maxAnswerMs, openConnection } from './connection.ts';
import { type Connections, lendConnections } from './connections.ts';
import type { LedgerConnection, LedgerDb } from './db.ts';
import { listenOn } from './listen.ts';
import { inTransaction, statementsOn, type Transaction } from './transaction.ts';

export interface PostgresOptions {
  /**
   * Maximum connections for statements and transactions; listening and leading take one more each. Default 4: one
   * each for usage, billing and administration, and a spare.
   */
  readonly maxConnections?: number;
  /**
   * Time limit of one statement, in milliseconds; 0 is no limit. Default 30,000. A server that has not responded 5
   * s after it counts as unreachable. A call waits equally long for one of the connections.
   */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a connection, in seconds. Default 5. */
  readonly connectTimeoutSeconds?: number;
  /** Shown in pg_stat_activity. Default "postmeter". */
  readonly applicationName?: string;
  /** Receives the server's notices. Without it they are dropped; the driver would print them on stdout. */
  readonly onNotice?: (message: string) => void;
}

export interface PostgresLedger extends LedgerConnection {
  readonly kind: 'postgres';
  /** For `drizzle` and raw statements. Only its `unsafe` and `begin` may be used. */
  readonly sql: postgres.Sql;
  /** Runs `work` with a dedicated connection outside the pool, and closes it afterwards. */
  withDedicatedConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/**
 * Connections open on first use and again after an outage. Work on a lost connection fails immediately with
 * `ledger_unavailable`. Time zone and time-outs are session settings: through a transaction pooler (Hyperdrive)
 * they must be set on the role, and LISTEN is not available.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresLedger> {
  const settings = connectionOptions(url, options);
  const acquireTimeoutMs = maxAnswerMs(settings);
  const connections = lendConnections({
    open: () => openConnection({ ...settings, types }),
    max: options.maxConnections ?? 4,
    acquireTimeoutMs,
  });
  const sql = clientOf(url, connections);
  const types = sql.options;
  const db: LedgerDb = drizzle({ client: sql, schema });
  const dedicated = lendConnections({
    open: () => openConnection(settings),
    max: Number.POSITIVE_INFINITY,
    acquireTimeoutMs,
  });
  const listeners = new Set<() => Promise<void>>();
  return {
    kind: 'postgres',
    db,
    sql,
    withDedicatedConnection: (work) =>
      dedicated.use((connection) => work(connection).finally(() => connection.end())),
    listen: async (channel, heard) => {
      const stop = await listenOn((onNotify) => openConnection({ ...settings, onNotify }), channel, heard);
      listeners.add(stop);
      return async () => {
        listeners.delete(stop);
        await stop();
      };
    },
    close: async () => {
      const stops = [...listeners].map((stop) => stop());
      await Promise.all([connections.close(), dedicated.close(), ...stops]);
    },
  };
}

function connectionOptions(url: string, options: PostgresOptions): ConnectionOptions {
  return {
    url,
    statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
    connectTimeoutSeconds: options.connectTimeoutSeconds ?? 5,
    applicationName: options.applicationName ?? 'postmeter',
    onNotice: options.onNotice ?? (() => {}),
  };
}

/** A driver client that never connects itself. drizzle's calls go to one of the pooled connections. */
function clientOf(url: string, connections: Connections): postgres.Sql {
  const settings = {
    max: 1,
    socket: () => {
      throw new TypeError("only `unsafe` and `begin` of the ledger's client may be used");
    },
  };
  const statements = statementsOn((statement) => connections.use((connection) => connection.run(statement)));
  return Object.assign(postgres(url, settings), {
    unsafe: statements.unsafe,
    begin: <T>(work: (transaction: Transaction) => Promise<T>) =>
      connections.use((connection) => inTransaction(connection, work)),
  });
}
