/** Load by wrk, and what a server's CPU did under it. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

export const CONNECTIONS = 32;

export interface Sample {
  /** 0 where, on a busy machine, the server did not get to answer. */
  readonly requests: number;
  readonly cpuMicrosPerRequest: number;
}

/** One wrk run against a server. Throws where any request failed: a figure with errors in it is no figure. */
export async function drive(
  server: Server,
  path: string,
  headers: Readonly<Record<string, string>>,
  seconds: number,
): Promise<Sample> {
  const before = server.cpuMicros();
  const { stdout } = await promisify(execFile)('wrk', [
    ...['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    server.url + path,
  ]);
  const cpuMicros = server.cpuMicros() - before;
  const fault = /Non-2xx.*|Socket errors.*/.exec(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (fault || Number.isNaN(requests))
    throw new Error(`wrk on ${server.url}${path}: ${fault?.[0] ?? stdout}`);
  return { requests, cpuMicrosPerRequest: cpuMicros / requests };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
