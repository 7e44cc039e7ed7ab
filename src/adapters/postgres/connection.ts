/**
 * One connection to the PostgreSQL server: a postgres.js client of one connection that is never connected again. The
 * driver (3.4.9) reconnects a client with what the lost connection left unsent, runs the rest of a transaction on
 * the new one, outside of any transaction, and writes to the socket that is gone, which ends the process
 * (porsager/postgres 1208, 1215, 1216). So a lost connection stays lost, and its user takes another.
 */

import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { LedgerError } from './db.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Longest run of one statement on the server, in milliseconds; 0 is no limit. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutSeconds: number;
  readonly applicationName: string;
  readonly onNotice: (message: string) => void;
  /** Gets the channel of each notification. */
  readonly onNotify?: (channel: string) => void;
  /** How values are read and written, as drizzle set it up once for all connections. */
  readonly types?: Pick<postgres.ParsedOptions, 'parsers' | 'serializers'>;
}

export interface Connection {
  /**
   * Runs one statement. Rejects with what the server said, or with `ledger_unavailable` as soon as the connection is
   * lost; it settles within `longestAnswerMs`, also where the network is silent.
   */
  run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T>;
  /** Why nothing can be run any more. */
  readonly lost: LedgerError | undefined;
  /** Settles as `work` does, or rejects as soon as the connection is lost. */
  unlessLost<T>(work: PromiseLike<T>): Promise<T>;
  /** Ends the connection, politely where nothing is running; within a second in any case. */
  end(): Promise<void>;
}

/** How long after the server should have ended a statement we take the network for dead. */
const GRACE_MS = 5_000;
const END_SECONDS = 1;
const KEEP_ALIVE_SECONDS = 15;

/** The longest that a statement can take, seen from here, in milliseconds; 0 is no limit. */
export function longestAnswerMs({ statementTimeoutMs }: ConnectionOptions): number {
  return statementTimeoutMs > 0 ? statementTimeoutMs + GRACE_MS : 0;
}

/** Connects with the first statement. */
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
      // The driver's own listener comes a moment later; an error that is faster would end the process.
      socket.on('error', (error) => lose(`the ledger cannot be reached: ${reasonOf(error)}`, error));
      return socket;
    },
    onclose: () => lose('the connection to the ledger was lost'),
  });

  /** Not by Promise.race: that would keep every answer for as long as the connection lives. */
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
    const clock = deadline(longestAnswerMs(options), lose);
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

/** What the driver's types leave out. Its `socket` is asked for again whenever it wants to connect again. */
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

/** Without time limits of the driver's own on idle or old connections: it would end them between two statements. */
function driverSettings(options: ConnectionOptions) {
  return {
    max: 1,
    idle_timeout: 0,
    max_lifetime: 0,
    connect_timeout: options.connectTimeoutSeconds,
    keep_alive: KEEP_ALIVE_SECONDS,
    // The query for them rejects unheard where the connection is lost meanwhile, which ends the process.
    fetch_types: false,
    onnotice: (notice: postgres.Notice) => options.onNotice(notice.message ?? ''),
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs,
      TimeZone: 'UTC',
    },
  };
}

/** As the driver read it from the URL. */
interface Endpoint {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
}

let turn = 0;

/** Of several hosts each connection tries the next one. The driver takes the name in a certificate from `host`. */
function connectTo({ host: hosts, port: ports, path }: Endpoint): Socket {
  if (path) return connect(path);
  const at = turn++ % hosts.length;
  const host = hosts[at] ?? 'localhost';
  return Object.assign(connect(ports[at] ?? 5432, host), { host });
}

function deadline(afterMs: number, lose: (reason: string) => void): NodeJS.Timeout | undefined {
  if (afterMs === 0) return undefined;
  return setTimeout(() => lose(`the ledger did not answer within ${afterMs} ms`), afterMs);
}

/** After a FATAL error (the server shuts down, the password is wrong) the server closes the connection. */
function isAnswer(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.severity === 'ERROR';
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
