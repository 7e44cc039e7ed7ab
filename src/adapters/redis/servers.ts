/**
 * Looks at the servers that hold the window: where one of them has evicted keys, or is another process than it was
 * (restarted, or a replica that took over and may lack the last writes), totals may be too small without anything else
 * to show it. Such a life of the store is ended, and it is rebuilt from the ledger.
 */

import { Cluster, type Redis } from 'ioredis';
import { WindowError } from '../../meter/port.ts';
import type { RedisConnection } from './connect.ts';
import type { WindowScripts } from './scripts.ts';
import type { WindowKeys } from './window-keys.ts';

export interface ServersOptions {
  readonly redis: RedisConnection & WindowScripts;
  readonly keys: WindowKeys;
  /** Told once where a server may evict keys. */
  readonly onAdvice: (advice: string) => void;
}

/** For so long totals may be too small unseen. A look took 30 µs of a server (measured). */
const lookEveryMs = 2_000;
/** A server that evicts goes on to do so: rebuilding at once would only read the ledger again and again. */
const coolingMs = 30_000;

interface Seen {
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

  /** It is time to look again. */
  get isDue(): boolean {
    return performance.now() - this.#lookedMs >= lookEveryMs;
  }

  /** Throws `window_lost` where posts may be missing; that life of the store has ended then. */
  async check(): Promise<void> {
    const { redis, keys } = this.#options;
    const [epoch, servers] = await redis.hmget(keys.base, 'epoch', 'servers');
    if (epoch == null) return;
    const seen = await this.#look();
    if (markOf(seen) !== servers) {
      const isSame = servers?.startsWith(`${seen.processes} `) ?? false;
      await redis.pmEndLife(keys.base, keys.claim, epoch, isSame ? coolingMs : 0);
      throw isSame ? evicted(`, and is rebuilt in ${coolingMs / 1000} s`) : others();
    }
    this.#lookedMs = performance.now();
  }

  /** Before the first post is restored. */
  async beginRebuild(): Promise<void> {
    this.#rebuiltOn = markOf(await this.#look());
  }

  /** What the new life is built on. Throws `window_away` where it is not what it was at the begin: posts may be missing. */
  async endRebuild(): Promise<string> {
    const mark = markOf(await this.#look());
    if (this.#rebuiltOn !== undefined && mark !== this.#rebuiltOn) throw evicted(' while it was rebuilt');
    return mark;
  }

  async #look(): Promise<Seen> {
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
      mayEvict: all.some(
        (info) => info.get('maxmemory') !== '0' && info.get('maxmemory_policy') !== 'noeviction',
      ),
    };
    if (seen.mayEvict && !this.#hasAdvised) {
      this.#hasAdvised = true;
      onAdvice(`Redis may evict the keys of the window when its memory is full: ${mend}`);
    }
    return seen;
  }
}

const mend = 'set maxmemory-policy noeviction, and give it memory enough (under 40 KB a client)';

function markOf({ processes, evictedKeys }: Seen): string {
  return `${processes} ${evictedKeys}`;
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(Array.from(info.matchAll(/^(\w+):(.*?)\r?$/gm), ([, name, value]) => [name!, value!]));
}

function evicted(when: string): WindowError {
  return new WindowError('window_lost', `Redis has evicted keys of the window${when}: ${mend}.`);
}

function others(): WindowError {
  return new WindowError(
    'window_lost',
    'The window is served by another Redis process than it was, which may lack the last writes: it is rebuilt from the ledger.',
  );
}
