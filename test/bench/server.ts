/** A measured server: a process group on its core, ended by its id, and the CPU time that it has used. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { programEnv } from './machine.ts';

export interface Server {
  readonly url: string;
  /** CPU microseconds of all its processes and threads so far. */
  cpuMicros(): number;
  stop(): Promise<void>;
}

export interface ServerGroup extends Server {
  /** Number of times that one of its threads has stopped to wait. */
  wakes(): number;
  /** Resident memory in MB of 1,000,000 bytes. */
  residentMb(): number;
}

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly port: number;
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the core of the bench itself. */
  readonly core?: number;
}

/** Process groups that end with this process, however it ends. */
const running = new Set<number>();
process.once('exit', () => {
  for (const group of running) process.kill(-group, 'SIGKILL');
});

/** Starts the server and waits until it listens. Throws with its output if it ends or does not listen within 60 s. */
export async function startServer(command: Command): Promise<ServerGroup> {
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
  return {
    url: `http://127.0.0.1:${port}`,
    cpuMicros: () => groupCpuMicros(group),
    wakes: () => groupWakes(group),
    residentMb: () => groupResidentMb(group),
    stop,
  };
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

/** The first number of /proc/PID/task/TID/schedstat is the nanoseconds on a CPU. */
function groupCpuMicros(group: number): number {
  return sumOfThreads(group, 'schedstat', (text) => Number(text.split(' ', 1)[0]) / 1_000);
}

function groupWakes(group: number): number {
  return sumOfThreads(group, 'status', (text) =>
    Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]),
  );
}

function groupResidentMb(group: number): number {
  const kilobytesOf = (pid: string) =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return (pidsOf(group).reduce((sum, pid) => sum + kilobytesOf(pid), 0) * 1_024) / 1e6;
}

function sumOfThreads(group: number, file: string, read: (text: string) => number): number {
  let sum = 0;
  for (const pid of pidsOf(group)) {
    for (const thread of readdirSync(`/proc/${pid}/task`))
      sum += read(readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'utf8'));
  }
  return sum;
}

function pidsOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && groupOf(pid) === group);
}

/** Field 5 of /proc/PID/stat (man proc) is the process group. */
function groupOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return undefined; // The process ended between the listing and the reading.
  }
}
