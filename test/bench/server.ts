/** A measured server: a process group on its core, ended by its id, and the CPU time it has used. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { programEnv } from './machine.ts';

export interface Server {
  readonly url: string;
  /** CPU microseconds of all its processes and threads so far; the kernel counts in steps of 10,000. */
  cpuMicros(): number;
  stop(): Promise<void>;
}

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly port: number;
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Absent: where the bench itself runs. */
  readonly core?: number;
}

/** Process groups that end with us, however we end. */
const running = new Set<number>();
process.once('exit', () => {
  for (const group of running) process.kill(-group, 'SIGKILL');
});

/** Starts it and waits until it listens. Throws with what it said where it ends or is silent for 60 s. */
export async function startServer(command: Command): Promise<Server> {
  const { name, argv, port, folder, env, core } = command;
  const pinned = core === undefined ? argv : ['taskset', '-c', String(core), ...argv];
  const child = spawn(pinned[0] ?? '', pinned.slice(1), {
    cwd: folder,
    env: { ...programEnv, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (chunk: Buffer) => {
    said = (said + chunk).slice(-2000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  await once(child, 'spawn');
  const group = child.pid ?? 0;
  running.add(group);
  const ended = once(child, 'exit').finally(() => running.delete(group));
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => process.kill(-group, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  };
  const deadline = performance.now() + 60_000;
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended at its start: ${said}`);
    if (performance.now() > deadline) {
      await stop();
      throw new Error(`${name} does not listen: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url: `http://127.0.0.1:${port}`, cpuMicros: () => groupCpuMicros(group), stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const microsPerTick = 10_000; // USER_HZ is 100 on every Linux that Debian ships.

/** Of /proc/PID/stat (man proc): field 5 is the process group, 14 and 15 are utime and stime in ticks. */
function groupCpuMicros(group: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const fields = statFields(pid);
    if (Number(fields[4]) === group) ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks * microsPerTick;
}

function statFields(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2);
    return [pid, '', ...afterName.split(' ')];
  } catch {
    return []; // The process ended between the listing and the reading.
  }
}
