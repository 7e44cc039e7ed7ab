/**
 * Checks the servers that hold the window. If one has evicted keys, or is a different process than before
 * (restarted, or a promoted replica that may lack the last writes), totals may be too small without any other sign.
 * Such a life of the store is ended, and rebuilt from the ledger.
 */

import { Cluster, type Redis } from 'ioredis';
import { WindowError } from '../../meter/port.ts';
import type { RedisConnection } from './connect.ts';
import type { WindowScripts } from './scripts.ts';
import type { WindowKeys } from './window-keys.ts';

export interface ServersOptions {
  readonly redis: RedisConnection & WindowScripts;
  readonly keys: WindowKeys;
  /** Called once if a server may evict keys. */
  readonly onAdvice: (advice: string) => void;
  /** Delay between an eviction and the rebuild. Default 30,000. */
  readonly coolingMs?: number | undefined;
}

/** Longest time for which totals that are too small may go unnoticed. A check took 30 µs of a server (measured). */
const CHECK_INTERVAL_MS = 2_000;
/** A server that evicts continues to do so, and an immediate rebuild would only read the ledger repeatedly. */
const COOLING_MS = 30_000;

interface ServerFacts {
  /** `run_id` of each primary, in order. */
  readonly processes: string;
  readonly evictedKeys: number;
  readonly mayEvict: boolean;
}

export class Servers {
  readonly #options: ServersOptions;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #rebuiltOn: string | undefined;
  #hasAdvised = false;

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /** True if the next check is due. */
  get isDue(): boolean {
    return performance.now() - this.#lookedMs >= CHECK_INTERVAL_MS;
  }

  /** Throws `window_lost` if posts may be missing; that life of the store has then ended. */
  async check(): Promise<void> {
    const { redis, keys, coolingMs = COOLING_MS } = this.#options;
    const [[epoch, servers], seen] = await Promise.all([
      redis.hmget(keys.base, 'epoch', 'servers'),
      this.#look(),
    ]);
    if (epoch == null) return;
    if (markOf(seen) !== servers) {
      const isSame = servers?.startsWith(`${seen.processes} `) ?? false;
      await redis.pmEndLife(keys.base, keys.claim, epoch, isSame ? coolingMs : 0);
      throw isSame ? evicted(`, and is rebuilt in ${coolingMs / 1000} s`) : others();
    }
    this.#lookedMs = performance.now();
  }

  /** Call before the first post is restored. */
  async beginRebuild(): Promise<void> {
    this.#rebuiltOn = markOf(await this.#look());
  }

  /**
   * Returns the servers on which the new life is built. Throws `window_away` if they changed since the start,
   * because posts may be missing.
   */
  async endRebuild(): Promise<string> {
    const mark = markOf(await this.#look());
    if (this.#rebuiltOn !== undefined && mark !== this.#rebuiltOn) throw evicted(' while it was rebuilt');
    return mark;
  }

  async #look(): Promise<ServerFacts> {
    const { redis, onAdvice } = this.#options;
    const primaries: readonly Redis[] = redis instanceof Cluster ? redis.nodes('master') : [redis];
    const infos = await Promise.all(primaries.map((primary) => primary.info()));
    const all = infos.map(fieldsOf);
    const seen = {
      processes: all
        .map((info) => info.get('run_id'))
        .sort()
        .join(','),
      evictedKeys: all.reduce((sum, info) => sum + Number(info.get('evicted_keys') ?? 0), 0),
      mayEvict: all.some(mayEvict),
    };
    if (seen.mayEvict && !this.#hasAdvised) {
      this.#hasAdvised = true;
      onAdvice(`Redis may evict the keys of the window when its memory is full: ${ADVICE}`);
    }
    return seen;
  }
}

const ADVICE = 'set maxmemory-policy noeviction, and give it enough memory (under 40 KB per client)';

function markOf({ processes, evictedKeys }: ServerFacts): string {
  return `${processes} ${evictedKeys}`;
}

/** `info` has the fields of a server. */
export function mayEvict(info: ReadonlyMap<string, string>): boolean {
  return info.get('maxmemory') !== '0' && info.get('maxmemory_policy') !== 'noeviction';
}

/** The fields of a server by name, from the text of INFO. */
export function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(Array.from(info.matchAll(/^(\w+):(.*?)\r?$/gm), ([, name, value]) => [name!, value!]));
}

function evicted(when: string): WindowError {
  return new WindowError('window_lost', `Redis has evicted keys of the window${when}: ${ADVICE}.`);
}

function others(): WindowError {
  return new WindowError(
    'window_lost',
    'The window is now served by another Redis process, which may lack the last writes. It is rebuilt from the ledger.',
  );
}
