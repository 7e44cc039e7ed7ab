/** Listens to a channel on its own connection, and reconnects after every loss of the server. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';

/** Opens a connection that passes the channel of each notification to `onNotify`. */
export type OpenListener = (onNotify: (channel: string) => void) => Connection;

const AGAIN_MS = 500;
/** Interval of probe statements, which detect a dead connection. */
const PROBE_MS = 5_000;

/**
 * Implements `LedgerConnection.listen`. Rejects if listening cannot start. Reconnects after a later loss, at most
 * every 500 ms.
 */
export async function listenOn(
  open: OpenListener,
  channel: string,
  heard: () => void,
): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const begin = async () => {
    const connection = open(() => {
      if (!stop.signal.aborted) heard();
    });
    try {
      await connection.run((sql) => sql.unsafe(`listen "${channel.replaceAll('"', '""')}"`));
    } catch (error) {
      await connection.end();
      throw error;
    }
    return connection;
  };
  let connection = await begin();
  heard();
  const listening = (async () => {
    while (!stop.signal.aborted) {
      await untilLost(connection, stop.signal);
      if (stop.signal.aborted) return;
      await pause(AGAIN_MS, stop.signal);
      const next = await begin().catch(() => undefined); // Still unreachable: retry after the pause.
      if (next === undefined) continue;
      connection = next;
      if (!stop.signal.aborted) heard();
    }
  })();
  return async () => {
    stop.abort();
    await connection.end();
    await listening;
    await connection.end();
  };
}

async function untilLost(connection: Connection, stop: AbortSignal): Promise<void> {
  while (connection.lost === undefined && !stop.aborted) {
    await connection.unlessLost(pause(PROBE_MS, stop)).catch(() => {});
    if (connection.lost === undefined && !stop.aborted) {
      await connection.run((sql) => sql.unsafe('select')).catch(() => {}); // A lost connection ends the loop.
    }
  }
}

async function pause(forMs: number, stop: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal: stop }).catch(() => {});
}
