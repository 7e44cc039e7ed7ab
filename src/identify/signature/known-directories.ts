/**
 * The directories of signers that a process knows, in memory: their keys, their freshness, and which ones to fetch next
 * within the limits. A request never waits for a fetch.
 */

import { LRUCache } from 'lru-cache';
import type { KeyResult, KnownKeys, SignatureKey } from './key.ts';
import type { Signer } from './signer.ts';

/** A finished attempt to fetch a directory, by this process or another one. */
export interface DirectoryAttempt {
  readonly name: string;
  readonly triedMs: number;
  /** When the keys were fetched, which may be before a failed attempt; null if they never were. */
  readonly fetchedMs: number | null;
  readonly freshUntilMs: number | null;
  readonly keys: readonly SignatureKey[];
  /** Failures in a row; 0 after a success. */
  readonly failures: number;
}

interface Known extends DirectoryAttempt {
  readonly byThumbprint: ReadonlyMap<string, SignatureKey>;
}

const MINUTE_MS = 60_000;
const MAX_DIRECTORIES = 10_000;
const MAX_NEW_PER_CALLER = 5;
const HOUR_MS = 3_600_000;
const MAX_CALLERS = 10_000;
const MAX_IN_FLIGHT = 8;
/** Directories that wait for a fetch. Further ones are dropped until a later request names them. */
const MAX_WANTED = 1_000;
/** A failure does not evict the keys of a directory that was good before, for this long. */
const KEPT_MS = 7 * 24 * HOUR_MS;
/** A directory is refreshed after this part of its freshness. */
const REFRESH_AT = 0.8;
/** A fetch without news is repeated after this time: another process is fetching, or fetches are switched off. */
const PAUSE_MS = 5_000;
/** A signature with a key that a directory lacks makes it be fetched again after this time: the key may be new. */
const MISSING_KEY_MS = 5 * MINUTE_MS;

/** Time until a directory is tried again after N failures in a row: 1, 2, 4, then 5 minutes. */
export function retryAfterMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(5, 2 ** (failures - 1)) * MINUTE_MS;
}

export class KnownDirectories implements KnownKeys {
  readonly #known = new Map<string, Known>();
  readonly #wanted = new Map<string, Signer>();
  /** Names in flight, with their hosts. */
  readonly #inFlight = new Map<string, string>();
  /** Names whose last fetch brought no news, with the time from which they are fetched again. */
  readonly #pausedUntilMs = new LRUCache<string, number>({ max: MAX_DIRECTORIES });
  readonly #newByCaller = new LRUCache<string, { hour: number; names: Set<string> }>({
    max: MAX_CALLERS,
  });
  readonly #onWanted: () => void;
  readonly #onDropped: () => void;

  /**
   * @param onWanted is called when a directory should be fetched; it must not fetch before it returns.
   * @param onDropped is called when a limit forbids the fetch of a directory.
   */
  constructor(onWanted: () => void, onDropped: () => void) {
    this.#onWanted = onWanted;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#known.size;
  }

  find(signer: Signer, thumbprint: string, caller: string, nowMs: number): KeyResult {
    const known = this.#known.get(signer.name);
    if (known === undefined) {
      if (this.#mayAdd(signer, caller, nowMs)) this.#want(signer, nowMs);
      return { kind: 'none', reason: 'directory_unknown' };
    }
    const key = known.byThumbprint.get(thumbprint);
    if (isDue(known, key === undefined, nowMs)) this.#want(signer, nowMs);
    if (!hasKeys(known, nowMs)) {
      return { kind: 'none', reason: known.failures > 0 ? 'directory_failed' : 'directory_unknown' };
    }
    if (key === undefined) return { kind: 'none', reason: 'key_unknown' };
    const isValid = key.notBeforeMs <= nowMs && nowMs <= key.notAfterMs;
    return isValid ? { kind: 'key', key } : { kind: 'none', reason: 'key_not_valid_now' };
  }

  /** Takes the next directory to fetch; null if there is none, or as many fetches are in flight as may be. */
  take(): Signer | null {
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return null;
    const busyHosts = new Set(this.#inFlight.values());
    for (const signer of this.#wanted.values()) {
      const { host } = new URL(signer.url);
      if (busyHosts.has(host)) continue;
      this.#wanted.delete(signer.name);
      this.#inFlight.set(signer.name, host);
      return signer;
    }
    return null;
  }

  /** Ends a fetch that `take` began. @param attempt null if there is no result yet. */
  finish({ name }: Signer, attempt: DirectoryAttempt | null, nowMs: number): void {
    this.#inFlight.delete(name);
    if (attempt === null || !this.lacks(name, attempt.triedMs))
      this.#pausedUntilMs.set(name, nowMs + PAUSE_MS);
    else this.learn(attempt);
  }

  /** When the last known attempt was made; null if none is known. */
  triedMsOf(name: string): number | null {
    return this.#known.get(name)?.triedMs ?? null;
  }

  /** Whether an attempt at this time would be news. */
  lacks(name: string, triedMs: number): boolean {
    return (this.triedMsOf(name) ?? Number.NEGATIVE_INFINITY) < triedMs;
  }

  /** Takes over an attempt unless it or a later one is known, or there is no room. */
  learn(attempt: DirectoryAttempt): void {
    if (!this.lacks(attempt.name, attempt.triedMs)) return;
    if (!this.#known.has(attempt.name) && !this.#hasRoom(attempt.triedMs)) return;
    const byThumbprint = new Map(attempt.keys.map((key) => [key.thumbprint, key]));
    this.#known.set(attempt.name, { ...attempt, byThumbprint });
  }

  #want(signer: Signer, nowMs: number): void {
    const { name } = signer;
    if (this.#wanted.has(name) || this.#inFlight.has(name)) return;
    if (nowMs < (this.#pausedUntilMs.get(name) ?? 0)) return;
    if (this.#wanted.size >= MAX_WANTED) {
      this.#onDropped();
      return;
    }
    this.#wanted.set(name, signer);
    this.#onWanted();
  }

  #mayAdd({ name }: Signer, caller: string, nowMs: number): boolean {
    if (this.#wanted.has(name) || this.#inFlight.has(name)) return false;
    const hour = Math.floor(nowMs / HOUR_MS);
    let used = this.#newByCaller.get(caller);
    if (used?.hour !== hour) {
      used = { hour, names: new Set() };
      this.#newByCaller.set(caller, used);
    }
    const hasBudget = used.names.has(name) || used.names.size < MAX_NEW_PER_CALLER;
    if (!hasBudget || !this.#hasRoom(nowMs)) {
      this.#onDropped();
      return false;
    }
    used.names.add(name);
    return true;
  }

  /** Whether another directory fits, after those without usable keys are forgotten. */
  #hasRoom(nowMs: number): boolean {
    if (this.#known.size < MAX_DIRECTORIES) return true;
    for (const [name, known] of this.#known) {
      const isRetried = nowMs >= known.triedMs + retryAfterMs(known.failures);
      if (isRetried && !hasKeys(known, nowMs)) this.#known.delete(name);
    }
    return this.#known.size < MAX_DIRECTORIES;
  }
}

/** Stale keys are used only while the directory cannot be fetched. */
function hasKeys({ fetchedMs, freshUntilMs, failures }: Known, nowMs: number): boolean {
  if (fetchedMs === null || freshUntilMs === null) return false;
  return nowMs < (failures > 0 ? Math.max(freshUntilMs, fetchedMs + KEPT_MS) : freshUntilMs);
}

function isDue(known: Known, lacksKey: boolean, nowMs: number): boolean {
  const { fetchedMs, freshUntilMs, failures, triedMs } = known;
  if (nowMs < triedMs + retryAfterMs(failures)) return false;
  if (failures > 0 || fetchedMs === null || freshUntilMs === null) return true;
  if (lacksKey && nowMs >= fetchedMs + MISSING_KEY_MS) return true;
  return nowMs >= fetchedMs + REFRESH_AT * (freshUntilMs - fetchedMs);
}
