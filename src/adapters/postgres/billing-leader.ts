/** One billing run at a time: among all processes on a server, or within the one that has the embedded ledger. */

import type { PostgresLedger } from './open.ts';

export type Lead = <T>(run: () => Promise<T>) => Promise<T | undefined>;

/** Any number that nothing else in the database locks: "billing" in hexadecimal of ASCII, cut to 53 bits. */
const LOCK = 0x62696c6c696e;

/**
 * An advisory lock of a connection of its own: it goes with the connection when that is lost or the process dies. A
 * run whose lock is lost goes on to its end, beside the next leader's at worst: each account is locked on its own.
 */
export function advisoryLead(ledger: Pick<PostgresLedger, 'alone'>): Lead {
  return (run) =>
    ledger.alone(async (connection) => {
      const [row] = await connection.run((sql) => sql`select pg_try_advisory_lock(${LOCK}) as leads`);
      if (row?.leads !== true) return undefined;
      try {
        return await run();
      } finally {
        // Where this fails the connection is lost, and the lock with it.
        await connection.run((sql) => sql`select pg_advisory_unlock(${LOCK})`).catch(() => connection.end());
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
