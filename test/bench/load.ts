/** Runs wrk, and measures the CPU of a server under its load. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Server } from './server.ts';

export const CONNECTIONS = 32;

export interface Sample {
  /** 0 if the server did not answer in time on a busy machine. */
  readonly requests: number;
  readonly cpuMicrosPerRequest: number;
}

/** Runs wrk once against a server. Throws if a request failed, because a figure with errors is not valid. */
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
