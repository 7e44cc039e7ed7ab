/** Opens the ledger on a PostgreSQL server (15 or newer) through postgres.js. */

import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { LedgerConnection, LedgerDb } from './db.ts';
import * as schema from './schema.ts';

export interface PostgresOptions {
  /** Most connections of this process at once. Default 4: one each for usage, billing, administration and a spare. */
  readonly maxConnections?: number;
  /** Longest run of one statement, in milliseconds; 0 is no limit. Default 60,000. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a connection, in seconds. Default 10. */
  readonly connectTimeoutSeconds?: number;
  /** Shown in pg_stat_activity. Default "postmeter". */
  readonly applicationName?: string;
  /** Gets the server's notices; without it they are dropped (the driver would print them on stdout). */
  readonly onNotice?: (message: string) => void;
}

export interface PostgresLedger extends LedgerConnection {
  readonly kind: 'postgres';
  readonly sql: postgres.Sql;
}

const IDLE_SECONDS = 60;
const CLOSE_SECONDS = 5;

/**
 * Opens a pool; connections are made when first asked for and again after the server was away. Time zone and
 * time-outs are settings of the session, so a pooler between must pool by session (LISTEN needs that as well).
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresLedger> {
  const sql = postgres(url, {
    max: options.maxConnections ?? 4,
    connect_timeout: options.connectTimeoutSeconds ?? 10,
    idle_timeout: IDLE_SECONDS,
    onnotice: (notice) => options.onNotice?.(notice.message ?? ''),
    connection: {
      application_name: options.applicationName ?? 'postmeter',
      statement_timeout: options.statementTimeoutMs ?? 60_000,
      TimeZone: 'UTC',
    },
  });
  const db: LedgerDb = drizzle({ client: sql, schema });
  return {
    kind: 'postgres',
    db,
    sql,
    listen: (channel, heard) => listenOn(sql, channel, heard),
    close: () => sql.end({ timeout: CLOSE_SECONDS }),
  };
}

/** The driver listens again by itself after a loss, but then no longer knows which listener its `unlisten` is for. */
async function listenOn(sql: postgres.Sql, channel: string, heard: () => void): Promise<() => Promise<void>> {
  let stopped = false;
  const pass = () => {
    if (!stopped) heard();
  };
  const listening = await sql.listen(channel, pass, pass);
  return () => {
    stopped = true;
    return listening.unlisten();
  };
}
