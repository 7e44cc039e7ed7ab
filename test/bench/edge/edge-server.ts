/** A Worker in its own workerd, and the CPU time of that process, without origin and load. */

import { readFileSync } from 'node:fs';
import type { Server } from '../server.ts';

export interface EdgeServer extends Server {
  readonly name: string;
  readonly pid: number;
  /** Headers of every request to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Log lines so far. */
  readonly log?: readonly string[];
}

/**
 * Miniflare puts a Worker of its own behind every `fetch`, which Cloudflare does not do. Its time would be in both
 * figures.
 */
export const ALONE = { stripCfConnectingIp: false } as const;

/** USER_HZ is 100 on every Linux that Debian ships. */
const MICROS_PER_TICK = 10_000;

/** Fields 14 and 15 of /proc/PID/stat (man proc) are utime and stime of all threads, in ticks. */
export function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}
