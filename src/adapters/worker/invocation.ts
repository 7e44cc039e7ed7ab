/**
 * What the running invocation of the Worker has done: when it began, and how many calls it may still make. Cloudflare
 * counts `fetch` and calls of objects together, and each call beyond its limit fails; the invocation of a stream lasts
 * as long as the stream.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

interface Invocation {
  readonly startedMs: number;
  callsLeft: number;
}

/** For the end of a stream: its last usage, with all attempts, and the counts by route. */
const KEPT_CALLS = 20;

const running = new AsyncLocalStorage<Invocation>();

/** Runs one invocation. @param maxCalls that Cloudflare lets it make. */
export function asInvocation<T>(nowMs: number, maxCalls: number, run: () => T): T {
  return running.run({ startedMs: nowMs, callsLeft: maxCalls }, run);
}

/** The invocation makes a call now. */
export function countCall(): void {
  const invocation = running.getStore();
  if (invocation !== undefined) invocation.callsLeft--;
}

/** Whether only the calls are left that the end of a stream needs: it must end, and its client connect again. */
export function areCallsShort(): boolean {
  const invocation = running.getStore();
  return invocation !== undefined && invocation.callsLeft <= KEPT_CALLS;
}

/** Whether no call at all is left. */
export function areCallsSpent(): boolean {
  const invocation = running.getStore();
  return invocation !== undefined && invocation.callsLeft <= 0;
}

/** Since the invocation began; 0 outside of one. */
export function ageMs(nowMs: number): number {
  return nowMs - (running.getStore()?.startedMs ?? nowMs);
}

/** The function as of the invocation that runs now, whoever calls it: the runtime calls listeners in none. */
export function ofThisInvocation<Args extends unknown[]>(
  act: (...args: Args) => void,
): (...args: Args) => void {
  return AsyncLocalStorage.bind(act);
}
