/** Who bills: one process among all on a server, or the one that has the embedded ledger; one run at a time. */

import type { Connection } from './connection.ts';
import type { PostgresLedger } from './open.ts';
import { beginFor } from './transaction.ts';

export type Lead = <T>(run: () => Promise<T>) => Promise<T | undefined>;

/** The lead of a process that keeps it between its runs, so that the others know that they do not lead. */
export interface StandingLead {
  readonly lead: Lead;
  readonly leads: () => boolean;
  /** Another process may lead from now on. */
  release(): Promise<void>;
}

/** Any number that nothing else in the database locks: "billing" in hexadecimal of ASCII, cut to 53 bits. */
const LOCK = 0x62696c6c696e;

export interface LeadPatience {
  /** After so long without a word from the leader the server ends its transaction, in milliseconds. */
  readonly silentMs: number;
  /** Between the words of one that works. */
  readonly wordMs: number;
}

/** A machine that dies, or a pooler that does not hear of it, would keep the lock until TCP gives up: for two hours. */
const PATIENCE: LeadPatience = { silentMs: 60_000, wordMs: 15_000 };

/**
 * An advisory lock of a transaction on a connection of its own: it goes with the connection when that is lost or the
 * process dies, and holds through a pooler that lends a session for one transaction, as Hyperdrive does. A run whose
 * lock is lost goes on to its end, beside the next leader's at worst: each account is locked on its own.
 */
export function advisoryLead(ledger: Pick<PostgresLedger, 'alone'>, patience = PATIENCE): Lead {
  return (run) => ledger.alone((connection) => underLock(connection, patience, run));
}

async function underLock<T>(
  connection: Connection,
  { silentMs, wordMs }: LeadPatience,
  run: () => Promise<T>,
): Promise<T | undefined> {
  await connection.run((sql) => sql.unsafe(beginFor(silentMs)));
  const words = setInterval(() => {
    // A connection that is lost takes no more words, and what that means is said above.
    connection.run((sql) => sql`select 1`).catch(() => clearInterval(words));
  }, wordMs);
  try {
    const [row] = await connection.run((sql) => sql`select pg_try_advisory_xact_lock(${LOCK}) as leads`);
    return row?.leads === true ? await run() : undefined;
  } finally {
    clearInterval(words);
    // Where this fails the connection is lost, and the lock with it.
    await connection.run((sql) => sql.unsafe('commit')).catch(() => connection.end());
  }
}

/**
 * As `advisoryLead`, but the lock stays with this process between its runs, until `release`, its end, or the loss of
 * the connection. Every run begins by asking the server, so that a lead which was lost is noticed before anything is
 * billed.
 */
export function standingLead(ledger: Pick<PostgresLedger, 'alone'>, patience = PATIENCE): StandingLead {
  let held: Held | null = null;

  const hold = async (): Promise<Held | null> => {
    if (held !== null && (await held.isAlive())) return held;
    held?.release();
    held = await holdLock(ledger, patience);
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

interface Held {
  readonly isHeld: () => boolean;
  isAlive(): Promise<boolean>;
  release(): void;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** Null if another process leads. Rejects if the server cannot be reached. */
function holdLock(ledger: Pick<PostgresLedger, 'alone'>, patience: LeadPatience): Promise<Held | null> {
  return new Promise((resolve, reject) => {
    let release = (): void => {};
    const released = new Promise<undefined>((done) => {
      release = () => done(undefined);
    });
    const ended = ledger
      .alone(async (connection) => {
        const led = await underLock(connection, patience, async () => {
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

/** For a ledger that one process has to itself. */
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
