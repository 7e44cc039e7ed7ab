/** The pool of connections to the ledger. Each is lent to one user at a time, and a lost one is discarded. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import { LedgerError } from './db.ts';

export interface Connections {
  /** Lends a connection until `work` settles. If all are lent, waits for a turn, at most `acquireTimeoutMs`. */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Waits for running work, at most `CLOSE_MS`, then aborts it. Later calls are refused. */
  close(): Promise<void>;
}

const IDLE_MS = 60_000;
export const CLOSE_MS = 5_000;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: LedgerError) => void;
}

export interface PoolOptions {
  readonly open: () => Connection;
  /** Maximum number of lent connections. */
  readonly max: number;
  /** Longest wait for a turn, in milliseconds; 0 is no limit. */
  readonly acquireTimeoutMs: number;
}

export function lendConnections({ open, max, acquireTimeoutMs }: PoolOptions): Connections {
  const idle = new Map<Connection, NodeJS.Timeout>();
  const lent = new Set<Connection>();
  const running = new Set<Promise<unknown>>();
  const waiting: Waiter[] = [];
  let free = max;
  let closed = false;

  async function turn(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter = { resolve, reject };
        waiting.push(waiter);
        const giveUp = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(unavailable(`all ${max} connections to the ledger were busy for ${acquireTimeoutMs} ms`));
        };
        if (acquireTimeoutMs > 0) timer = setTimeout(giveUp, acquireTimeoutMs);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  function nextTurn(): void {
    const next = waiting.shift();
    if (next) next.resolve();
    else free += 1;
  }

  /** Takes the most recently used one, so that unneeded connections age and are closed. */
  function take(): Connection {
    const connection = [...idle.keys()].findLast((one) => one.lost === undefined);
    if (connection === undefined) return open();
    forget(connection);
    return connection;
  }

  function forget(connection: Connection): void {
    clearTimeout(idle.get(connection));
    idle.delete(connection);
  }

  function retire(connection: Connection): Promise<void> {
    forget(connection);
    return connection.end();
  }

  /** The cause of one loss may have broken all, and a silent break is only found by a timeout. */
  function giveBack(connection: Connection): void {
    if (connection.lost !== undefined) for (const one of [...idle.keys()]) void retire(one);
    else idle.set(connection, setTimeout(retire, IDLE_MS, connection).unref());
  }

  async function lend<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await turn();
    const connection = take();
    lent.add(connection);
    try {
      return await work(connection);
    } finally {
      lent.delete(connection);
      giveBack(connection);
      nextTurn();
    }
  }

  return {
    async use(work) {
      if (closed) throw unavailable('the ledger was closed');
      const answer = lend(work);
      running.add(answer);
      try {
        return await answer;
      } finally {
        running.delete(answer);
      }
    },
    async close() {
      closed = true;
      const patience = new AbortController();
      const enough = sleep(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([Promise.allSettled(running), enough]);
      patience.abort();
      for (const { reject } of waiting.splice(0)) reject(unavailable('the ledger was closed'));
      await Promise.all([
        ...[...idle.keys()].map(retire),
        ...[...lent].map((connection) => connection.end()),
      ]);
    },
  };
}

function unavailable(reason: string): LedgerError {
  return new LedgerError('ledger_unavailable', reason);
}
