/** Processes as Linux shows them in /proc: their descendants, their resources, and how to halt them. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Service } from '../support/services/service.ts';
import { until } from '../support/until.ts';

/** Returns the process and all of its descendants. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const one of tree) tree.push(...(children.get(one) ?? []));
  return tree;
}

/** Sends SIGSTOP to the whole tree. The returned function continues it. */
export function halt(pid: number): () => void {
  const tree = treeOf(pid);
  for (const one of tree) signal(one, 'SIGSTOP');
  return () => {
    for (const one of tree) signal(one, 'SIGCONT');
  };
}

/** Sends SIGKILL to a service. Resolves when its children have ended, because it does not start again before. */
export async function crash(service: Service): Promise<void> {
  const tree = treeOf(service.pid());
  await service.crash();
  await until(`the children of ${service.pid()} end`, () => tree.every((pid) => !isAlive(pid)), {
    intervalMs: 5,
  });
}

/** Resident memory of the process, own and shared, in bytes. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Number of open files and sockets. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function isAlive(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Returns the fields after the name (which is in brackets, and may contain any character): state, parent, ... */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // The process has ended in the meantime.
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // The process has ended in the meantime.
  }
}
