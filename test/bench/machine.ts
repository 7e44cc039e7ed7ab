/** The machine's programs and cores: what the bench runs, where it runs it, and what it does without. */

import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { installPackages } from '../services/debian.ts';

/** The measured server alone is on this core. */
export const gatewayCore = 0;
/** Load generator, origin, Redis, PostgreSQL and the bench itself share this one. */
const restCore = 1;

/** Pins this process, so that all that it starts is off the gateway's core unless told otherwise. */
export function leaveGatewayCore(): void {
  if (availableParallelism() < 2)
    throw new Error('The bench needs two cores: one for the measured server alone.');
  moveTo(restCore, process.pid);
}

/** Pins a running process with all its threads. */
export function moveTo(core: number, pid: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}

/** Installs Debian's packages of missing programs; returns those that are missing still, each with the reason. */
export function provide(programs: readonly string[]): Map<string, string> {
  const missing = new Map<string, string>();
  for (const program of programs) {
    if (isThere(program)) continue;
    try {
      installPackages([program]);
    } catch (cause) {
      missing.set(program, cause instanceof Error ? cause.message : String(cause));
    }
  }
  return missing;
}

/** Debian's package has the program's name, for all that we use. Root's PATH alone has the sbin folders. */
function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program], { env: programEnv }).status === 0;
}

export const programEnv = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
