/** Requests at a low rate, one after another on a kept connection. */

import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../support/http/ask.ts';
import type { EdgeServer } from './edge-server.ts';

/** A client is not hot below 80 a second, so each request has its own object call. */
const REQUESTS_PER_SECOND = 40;

/** @returns the number of answers. Throws if one is missing or not 200. */
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

/** CPU microseconds of a request at that rate, including everything that the runtime does between two of them. */
export async function pacedMicros(server: EdgeServer, path: string, seconds: number): Promise<number> {
  const before = server.cpuMicros();
  const requests = await drivePaced(server, path, seconds);
  return (server.cpuMicros() - before) / requests;
}
