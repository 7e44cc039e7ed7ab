/** Load on a Worker at its maximum rate. */

import { drive, type Sample } from '../load.ts';
import type { EdgeServer } from './edge-server.ts';

/** Throws with the Worker's last log lines if a request failed. */
export async function driveHot(server: EdgeServer, path: string, seconds: number): Promise<Sample> {
  try {
    return await drive(server, path, server.headers, seconds);
  } catch (cause) {
    throw new Error(`${server.name} failed under load:\n${lastWords(server.log ?? [])}`, { cause });
  }
}

/** Removes the addresses of the runtime's own code. */
function lastWords(log: readonly string[]): string {
  const words = log.filter((line) => !line.startsWith('stack:'));
  return [...new Set(words)].slice(-10).join('\n');
}
