/**
 * One connection to the PostgreSQL server: a postgres.js client of one connection that never reconnects. The driver
 * (3.4.9) reconnects a client with the unsent data of the lost connection, runs the rest of a transaction on the
 * new one outside any transaction, and writes to the closed socket, which ends the process (porsager/postgres 1208,
 * 1215, 1216). A lost connection therefore stays lost, and its user takes another.
 */

import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { LedgerError } from './db.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Time limit of one statement on the server, in milliseconds; 0 is no limit. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutSeconds: number;
  readonly applicationName: string;
  readonly onNotice: (message: string) => void;
  /** Receives the channel of each notification. */
  readonly onNotify?: (channel: string) => void;
  /** How values are parsed and serialised, as drizzle configured it once for all connections. */
  readonly types?: Pick<postgres.ParsedOptions, 'parsers' | 'serializers'>;
}

export interface Connection {
  /**
   * Runs one statement. Rejects with the server's error, or with `ledger_unavailable` as soon as the connection is
   * lost. It settles within `maxAnswerMs` even if the network is silent.
   */
  run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T>;
  /** Why the connection can no longer run statements. */
  readonly lost: LedgerError | undefined;
  /** Settles like `work`, or rejects as soon as the connection is lost. */
  unlessLost<T>(work: PromiseLike<T>): Promise<T>;
  /** Ends the connection, gracefully if nothing is running, and within a second in any case. */
  end(): Promise<void>;
}

/** Time after the server's own limit until we consider the network dead. */
const GRACE_MS = 5_000;
const END_SECONDS = 1;
const KEEP_ALIVE_SECONDS = 15;

/** The longest time a statement can take as measured here, in milliseconds; 0 is no limit. */
export function maxAnswerMs({ statementTimeoutMs }: ConnectionOptions): number {
  return statementTimeoutMs > 0 ? statementTimeoutMs + GRACE_MS : 0;
}

/** Connects when the first statement runs. */
export function openConnection(options: ConnectionOptions): Connection {
  const waiting = new Set<(error: LedgerError) => void>();
  let lost: LedgerError | undefined;
  let socket: Socket | undefined;

  const lose = (reason: string, cause?: unknown) => {
    lost ??= new LedgerError('ledger_unavailable', reason, cause);
    for (const reject of waiting) reject(lost);
    socket?.destroy();
  };
  const sql = driverClient(options, {
    socket: (parsed) => {
      if (socket !== undefined) lose('the connection to the ledger was lost');
      if (lost !== undefined) throw lost;
      socket = connectTo(parsed);
      // The driver adds its own listener a moment later; an earlier error would end the process.
      socket.on('error', (error) => lose(`the ledger cannot be reached: ${reasonOf(error)}`, error));
      return socket;
    },
    onclose: () => lose('the connection to the ledger was lost'),
  });

  /** Avoids Promise.race, which would retain every result for the life of the connection. */
  async function unlessLost<T>(work: PromiseLike<T>): Promise<T> {
    let stopWaiting = () => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        waiting.add(reject);
        stopWaiting = () => waiting.delete(reject);
        work.then(resolve, reject);
        if (lost !== undefined) reject(lost);
      });
    } finally {
      stopWaiting();
    }
  }

  async function run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
    if (lost !== undefined) throw lost;
    const clock = deadline(maxAnswerMs(options), lose);
    try {
      return await unlessLost(statement(sql));
    } catch (error) {
      if (!isAnswer(error)) lose(`the connection to the ledger failed: ${reasonOf(error)}`, error);
      throw error;
    } finally {
      clearTimeout(clock);
    }
  }

  return {
    run,
    unlessLost,
    get lost() {
      return lost;
    },
    end: async () => {
      if (lost === undefined) await sql.end({ timeout: END_SECONDS });
      lose('the connection to the ledger was closed');
    },
  };
}

/** Options missing in the driver's types. The driver calls `socket` whenever it wants to reconnect. */
interface DriverHooks {
  readonly socket: (parsed: Endpoint) => Socket;
  readonly onclose: () => void;
}

function driverClient(options: ConnectionOptions, hooks: DriverHooks): postgres.Sql {
  const settings = {
    ...hooks,
    ...driverSettings(options),
    onnotify: (channel: string) => options.onNotify?.(channel),
  };
  const sql = postgres(options.url, settings);
  Object.assign(sql.options.parsers, options.types?.parsers);
  Object.assign(sql.options.serializers, options.types?.serializers);
  return sql;
}

/** Sets no driver time limits on idle or old connections, because they could end one between two statements. */
function driverSettings(options: ConnectionOptions) {
  return {
    max: 1,
    idle_timeout: 0,
    max_lifetime: 0,
    connect_timeout: options.connectTimeoutSeconds,
    keep_alive: KEEP_ALIVE_SECONDS,
    // The query for types rejects unhandled if the connection is lost meanwhile, which ends the process.
    fetch_types: false,
    onnotice: (notice: postgres.Notice) => options.onNotice(notice.message ?? ''),
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs,
      TimeZone: 'UTC',
    },
  };
}

/** The endpoint as the driver parsed it from the URL. */
interface Endpoint {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
}

let turn = 0;

/** With several hosts, each connection tries the next one. The driver takes the certificate's name from `host`. */
function connectTo({ host: hosts, port: ports, path }: Endpoint): Socket {
  if (path) return connect(path);
  const at = turn++ % hosts.length;
  const host = hosts[at] ?? 'localhost';
  return Object.assign(connect(ports[at] ?? 5432, host), { host });
}

function deadline(afterMs: number, lose: (reason: string) => void): NodeJS.Timeout | undefined {
  if (afterMs === 0) return undefined;
  return setTimeout(() => lose(`the ledger did not respond within ${afterMs} ms`), afterMs);
}

/** After a FATAL error (such as shutdown or a wrong password) the server closes the connection. */
function isAnswer(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.severity === 'ERROR';
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
