/** Opens the ledger on a PostgreSQL server (15 or newer) through postgres.js. */

import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Connection, type ConnectionOptions, longestAnswerMs, openConnection } from './connection.ts';
import { type Connections, lendConnections } from './connections.ts';
import type { LedgerConnection, LedgerDb } from './db.ts';
import { listenOn } from './listen.ts';
import * as schema from './schema.ts';
import { inTransaction, statementsOn, type Transaction } from './transaction.ts';

export interface PostgresOptions {
  /**
   * Most connections for statements and transactions at once; listening and leading take one more each. Default 4:
   * one each for usage, billing, administration and a spare.
   */
  readonly maxConnections?: number;
  /**
   * Longest run of one statement, in milliseconds; 0 is no limit. Default 30,000. A server that has not answered 5 s
   * after that is taken for unreachable; a call waits as long at most for one of the connections.
   */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a connection, in seconds. Default 5. */
  readonly connectTimeoutSeconds?: number;
  /** Shown in pg_stat_activity. Default "postmeter". */
  readonly applicationName?: string;
  /** Gets the server's notices; without it they are dropped (the driver would print them on stdout). */
  readonly onNotice?: (message: string) => void;
}

export interface PostgresLedger extends LedgerConnection {
  readonly kind: 'postgres';
  /** For `drizzle` and for raw statements: its `unsafe` and `begin` are all that may be used of it. */
  readonly sql: postgres.Sql;
  /** Runs `work` with a connection that nobody else has, beside the others, and ends it afterwards. */
  alone<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/**
 * Connections are made when first asked for and again after the server was away; what runs on one that is lost fails
 * at once with `ledger_unavailable`. Time zone and time-outs are settings of the session: through a pooler of
 * transactions (Hyperdrive) they must be the role's, and LISTEN is not to be had.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresLedger> {
  const settings = connectionOptions(url, options);
  const patienceMs = longestAnswerMs(settings);
  const connections = lendConnections({
    open: () => openConnection({ ...settings, types }),
    most: options.maxConnections ?? 4,
    patienceMs,
  });
  const sql = clientOf(url, connections);
  const types = sql.options;
  const db: LedgerDb = drizzle({ client: sql, schema });
  const alone = lendConnections({
    open: () => openConnection(settings),
    most: Number.POSITIVE_INFINITY,
    patienceMs,
  });
  const listeners = new Set<() => Promise<void>>();
  return {
    kind: 'postgres',
    db,
    sql,
    alone: (work) => alone.use((connection) => work(connection).finally(() => connection.end())),
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
      await Promise.all([connections.close(), alone.close(), ...stops]);
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

/** A client of the driver that never connects itself: what drizzle asks of it goes to one of the connections. */
function clientOf(url: string, connections: Connections): postgres.Sql {
  const settings = {
    max: 1,
    socket: () => {
      throw new TypeError("of the ledger's client only `unsafe` and `begin` may be used");
    },
  };
  const statements = statementsOn((statement) => connections.use((connection) => connection.run(statement)));
  return Object.assign(postgres(url, settings), {
    unsafe: statements.unsafe,
    begin: <T>(work: (transaction: Transaction) => Promise<T>) =>
      connections.use((connection) => inTransaction(connection, work)),
  });
}
