/**
 * The current invocation of the Worker: when it started, and how many calls it may still make. Cloudflare counts `fetch`
 * and calls of objects together, and each call beyond its limit fails. The invocation of a stream lasts as long as the
 * stream.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

interface Invocation {
  readonly startedMs: number;
  callsLeft: number;
}

/** Reserved for the end of a stream: its last usage with all attempts, and the counts by route. */
const RESERVED_CALLS = 20;

const current = new AsyncLocalStorage<Invocation>();

/** Runs one invocation. @param maxCalls Cloudflare's limit of its calls. */
export function asInvocation<T>(nowMs: number, maxCalls: number, run: () => T): T {
  return current.run({ startedMs: nowMs, callsLeft: maxCalls }, run);
}

/** Call this before each `fetch` and each call of an object. */
export function countCall(): void {
  const invocation = current.getStore();
  if (invocation !== undefined) invocation.callsLeft--;
}

/** True if only the reserved calls are left: a stream must end, and its client must reconnect. */
export function areCallsShort(): boolean {
  const invocation = current.getStore();
  return invocation !== undefined && invocation.callsLeft <= RESERVED_CALLS;
}

/** True if no call is left. */
export function areCallsSpent(): boolean {
  const invocation = current.getStore();
  return invocation !== undefined && invocation.callsLeft <= 0;
}

/** Time since the invocation started; 0 outside of an invocation. */
export function ageMs(nowMs: number): number {
  return nowMs - (current.getStore()?.startedMs ?? nowMs);
}

/** Binds a function to the current invocation, because the runtime calls event listeners outside of it. */
export function bindToInvocation<Args extends unknown[]>(
  act: (...args: Args) => void,
): (...args: Args) => void {
  return AsyncLocalStorage.bind(act);
}
