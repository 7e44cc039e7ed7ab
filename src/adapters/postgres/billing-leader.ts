/** One billing run at a time: among all processes on a server, or within the one that has the embedded ledger. */

import type { PostgresLedger } from './open.ts';
import { beginFor } from './transaction.ts';

export type Lead = <T>(run: () => Promise<T>) => Promise<T | undefined>;

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
  const { silentMs, wordMs } = patience;
  return (run) =>
    ledger.alone(async (connection) => {
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
