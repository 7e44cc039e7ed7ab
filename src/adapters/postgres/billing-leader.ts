/** One billing run at a time: among all processes on a server, or within the one that has the embedded ledger. */

import type postgres from 'postgres';

export type Lead = <T>(run: () => Promise<T>) => Promise<T | undefined>;

/** Any number that nothing else in the database locks: "billing" in hexadecimal of ASCII, cut to 53 bits. */
const LOCK = 0x62696c6c696e;

/** An advisory lock of a connection of its own: it goes with the connection when the process dies. */
export function advisoryLead(sql: postgres.Sql): Lead {
  return async (run) => {
    const connection = await sql.reserve();
    try {
      const [row] = await connection`select pg_try_advisory_lock(${LOCK}) as leads`;
      if (row?.leads !== true) return undefined;
      try {
        return await run();
      } finally {
        await connection`select pg_advisory_unlock(${LOCK})`;
      }
    } finally {
      connection.release();
    }
  };
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
