/** The machine's programs and cores: what the bench runs, on which core, and what is missing. */

import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { installPackages } from '../support/services/debian.ts';

/** This core is reserved for the measured server. */
export const GATEWAY_CORE = 0;
/** Load generator, origin, Redis, PostgreSQL and the bench itself share this core. */
const REST_CORE = 1;

/** Pins this process, so that everything it starts is off the gateway's core by default. */
export function leaveGatewayCore(): void {
  if (availableParallelism() < 2)
    throw new Error('The bench needs two cores: one for the measured server alone.');
  moveTo(REST_CORE, process.pid);
}

/** Pins a running process with all of its threads. */
export function moveTo(core: number, pid: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
}

/** Installs missing Debian packages. Returns those that are still missing, each with the reason. */
export function provide(packages: readonly string[]): Map<string, string> {
  const missing = new Map<string, string>();
  for (const name of new Set(packages)) {
    if (hasCommand(name) || hasPackage(name)) continue;
    try {
      installPackages([name]);
    } catch (cause) {
      missing.set(name, cause instanceof Error ? cause.message : String(cause));
    }
  }
  return missing;
}

/** Only root's PATH has the sbin folders. */
export function hasCommand(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { env: programEnv }).status === 0;
}

function hasPackage(name: string): boolean {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  return stdout?.includes('ok installed') ?? false;
}

export const programEnv = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
