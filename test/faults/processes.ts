/** Processes as the kernel shows them in /proc (Linux): who descends from whom, what they hold, how to halt them. */

import { readdirSync, readFileSync } from 'node:fs';
import type { Service } from '../support/services/service.ts';
import { until } from '../support/until.ts';

/** The process and all that descend from it. */
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

/** SIGSTOP for the whole tree; the answer lets it go on. */
export function halt(pid: number): () => void {
  const tree = treeOf(pid);
  for (const one of tree) signal(one, 'SIGSTOP');
  return () => {
    for (const one of tree) signal(one, 'SIGCONT');
  };
}

/** SIGKILL of a service; resolves when its children have noticed too, without which it does not start again. */
export async function crash(service: Service): Promise<void> {
  const tree = treeOf(service.pid());
  await service.crash();
  await until(`the children of ${service.pid()} end`, () => tree.every((pid) => !isAlive(pid)), {
    intervalMs: 5,
  });
}

/** Memory of the process that is its own or shared, in bytes. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Open files and sockets. */
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

/** What follows the name (which is in brackets, and may hold any character): state, parent, ... */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // It has ended meanwhile.
  }
}
