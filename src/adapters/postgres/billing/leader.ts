/**
 * Leader election for billing: one process among all on a server, or the one with the embedded ledger, does one run
 * at a time.
 */

import type { Connection } from '../connection/connection.ts';
import type { PostgresLedger } from '../connection/open.ts';
import { beginFor } from '../connection/transaction.ts';

export type Lead = <T>(run: () => Promise<T>) => Promise<T | undefined>;

/** A lead that the process keeps between its runs, so that the other processes know that they do not lead. */
export interface StandingLead {
  readonly lead: Lead;
  readonly leads: () => boolean;
  /** Lets another process lead. */
  release(): Promise<void>;
}

/** A number that nothing else in the database locks: "billing" in ASCII hex, cut to 53 bits. */
const LOCK = 0x62696c6c696e;

export interface LeaderLockOptions {
  /** Idle time after which the server aborts the leader's transaction, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Interval of the leader's heartbeats, in milliseconds. */
  readonly heartbeatMs: number;
}

/**
 * Without a time-out, a dead machine or an unaware pooler would keep the lock until TCP gives up, after two hours.
 */
const DEFAULT_LOCK_OPTIONS: LeaderLockOptions = { idleTimeoutMs: 60_000, heartbeatMs: 15_000 };

/**
 * An advisory transaction lock on its own connection. It is released when the connection is lost or the process
 * dies, and works through a pooler that lends a session for one transaction, such as Hyperdrive. A run that loses
 * its lock continues to its end, at worst beside the next leader's run; each account is locked separately.
 */
export function advisoryLead(
  ledger: Pick<PostgresLedger, 'withDedicatedConnection'>,
  options = DEFAULT_LOCK_OPTIONS,
): Lead {
  return (run) => ledger.withDedicatedConnection((connection) => withLock(connection, options, run));
}

async function withLock<T>(
  connection: Connection,
  { idleTimeoutMs, heartbeatMs }: LeaderLockOptions,
  run: () => Promise<T>,
): Promise<T | undefined> {
  await connection.run((sql) => sql.unsafe(beginFor(idleTimeoutMs)));
  const heartbeat = setInterval(() => {
    // A lost connection takes no more heartbeats. The comment on `advisoryLead` describes the consequences.
    connection.run((sql) => sql`select 1`).catch(() => clearInterval(heartbeat));
  }, heartbeatMs);
  try {
    const [row] = await connection.run((sql) => sql`select pg_try_advisory_xact_lock(${LOCK}) as leads`);
    return row?.leads === true ? await run() : undefined;
  } finally {
    clearInterval(heartbeat);
    // If this fails the connection is lost, and the lock with it.
    await connection.run((sql) => sql.unsafe('commit')).catch(() => connection.end());
  }
}

/**
 * Like `advisoryLead`, but this process keeps the lock between its runs, until `release`, its end, or the loss of
 * the connection. Every run first queries the server, so that a lost lead is noticed before anything is billed.
 */
export function standingLead(
  ledger: Pick<PostgresLedger, 'withDedicatedConnection'>,
  options = DEFAULT_LOCK_OPTIONS,
): StandingLead {
  let held: HeldLock | null = null;

  const hold = async (): Promise<HeldLock | null> => {
    if (held !== null && (await held.isAlive())) return held;
    held?.release();
    held = await holdLock(ledger, options);
    return held;
  };
  const once = processLead();
  return {
    lead: (run) => once(async () => ((await hold()) === null ? undefined : run())),
    leads: () => held?.isHeld() ?? false,
    release: async () => {
      held?.release();
      await held?.ended;
      held = null;
    },
  };
}

interface HeldLock {
  readonly isHeld: () => boolean;
  isAlive(): Promise<boolean>;
  release(): void;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** Returns null if another process leads. Rejects if the server is unreachable. */
function holdLock(
  ledger: Pick<PostgresLedger, 'withDedicatedConnection'>,
  options: LeaderLockOptions,
): Promise<HeldLock | null> {
  return new Promise((resolve, reject) => {
    let release = (): void => {};
    const released = new Promise<undefined>((done) => {
      release = () => done(undefined);
    });
    const ended = ledger
      .withDedicatedConnection(async (connection) => {
        const led = await withLock(connection, options, async () => {
          resolve({
            isHeld: () => connection.lost === undefined,
            isAlive: () =>
              connection
                .run((sql) => sql`select 1`)
                .then(
                  () => true,
                  () => false,
                ),
            release,
            ended,
          });
          await released;
          return true;
        });
        if (led === undefined) resolve(null);
      })
      .catch((error: unknown) => {
        release();
        reject(error);
      });
  });
}

/** For a ledger that only this process uses. */
export function processLead(): Lead {
  let running = false;
  return async (run) => {
    if (running) return undefined;
    running = true;
    try {
      return await run();
    } finally {
      running = false;
    }
  };
}
