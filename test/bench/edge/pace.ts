/** Requests at a quiet pace, one after another on a connection that is kept. */

import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../support/http/ask.ts';
import type { EdgeServer } from './edge-server.ts';

/** Below 80 a second a client is not hot: each request has an object call of its own. */
const REQUESTS_PER_SECOND = 40;

/** @returns how many were answered. Throws where one of them was not, or not with 200. */
export async function drivePaced(server: EdgeServer, path: string, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const asked: Promise<void>[] = [];
  try {
    const beganMs = performance.now();
    for (let count = 0; count < seconds * REQUESTS_PER_SECOND; count++) {
      await sleep(beganMs + (count * 1000) / REQUESTS_PER_SECOND - performance.now());
      asked.push(
        ask(server.url, path, { agent, headers: server.headers }).then(({ status, whole }) => {
          if (status !== 200 || !whole) throw new Error(`${server.name} answered ${status}, whole: ${whole}`);
        }),
      );
    }
    await Promise.all(asked);
  } finally {
    agent.destroy();
  }
  return asked.length;
}

/** CPU microseconds a request takes at that pace, with all that the runtime does between two of them. */
export async function pacedMicros(server: EdgeServer, path: string, seconds: number): Promise<number> {
  const before = server.cpuMicros();
  const requests = await drivePaced(server, path, seconds);
  return (server.cpuMicros() - before) / requests;
}
