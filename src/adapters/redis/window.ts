/**
 * The window store on Redis or Valkey, one server or a Cluster: the part of the rolling totals that processes
 * share.
 */

import { Cluster, Redis } from 'ioredis';
import {
  type Total,
  type WindowAdd,
  type WindowBase,
  WindowError,
  type WindowStore,
} from '../../meter/port.ts';
import { bucketOf } from '../../meter/usage.ts';
import { connectRedis, disconnectRedis, type RedisConnection, whenReady } from './connect.ts';
import { type WindowScripts, withScripts } from './scripts.ts';
import { Servers } from './servers.ts';
import { TotalsChannel } from './totals-channel.ts';
import { chunksOf, shortJournal, specOf, specsOf, type WindowKeys, windowKeys } from './window-keys.ts';

export interface RedisWindowOptions {
  /** See `connectRedis`. */
  readonly url: string;
  /** Prefix of every key and channel. Default `postmeter:`. */
  readonly prefix?: string;
  /** Default 60. */
  readonly bucketSeconds?: number;
  /**
   * Delay between the end of the store's old life and the rebuild, so that every process sees the end: longer than
   * the second between their checks. Default 2,000.
   */
  readonly rebuildSettleMs?: number;
  /** Delay between an eviction of keys and the rebuild. Default 30,000. */
  readonly coolingMs?: number;
  /** Receives connection errors. The connection is restored automatically. */
  readonly onError?: (error: Error) => void;
  /** Called once if a Redis setting endangers the totals, with the fix. */
  readonly onAdvice?: (advice: string) => void;
}

export function openRedisWindow(options: RedisWindowOptions): WindowStore {
  return new RedisWindow(options);
}

/** How long the first command waits for the connection. */
const CONNECT_WAIT_MS = 3_000;
/** Validity of a rebuild's claim, renewed with every page. If its process dies, another may start. */
const CLAIM_MS = 30_000;
/** Fields per client in the output of add.lua and totals.lua. */
const FIELDS = 3;

interface JournalPlace {
  readonly epoch: number;
  /** The sequence last noted in the store. */
  noted: number;
}

class RedisWindow implements WindowStore {
  readonly #redis: RedisConnection & WindowScripts;
  readonly #keys: WindowKeys;
  readonly #bucketSeconds: number;
  readonly #settleMs: number;
  readonly #single: boolean;
  readonly #channel: TotalsChannel;
  readonly #servers: Servers;
  /** The result of `base`: adds go only into that life of the store. */
  readonly #places = new Map<string, JournalPlace>();

  constructor(options: RedisWindowOptions) {
    const onError = options.onError ?? (() => {});
    this.#redis = withScripts(connectRedis(options.url, onError));
    const database = this.#redis instanceof Redis ? (this.#redis.options.db ?? 0) : 0;
    this.#keys = windowKeys(options.prefix ?? 'postmeter:', database);
    this.#bucketSeconds = options.bucketSeconds ?? 60;
    const { onAdvice = () => {} } = options;
    const { coolingMs } = options;
    this.#servers = new Servers({ redis: this.#redis, keys: this.#keys, onAdvice, coolingMs });
    this.#settleMs = options.rebuildSettleMs ?? 2_000;
    this.#single = this.#redis instanceof Cluster;
    this.#channel = new TotalsChannel(this.#redis, this.#keys.channel, () =>
      connectRedis(options.url, onError),
    );
  }

  async base(journalId: string): Promise<WindowBase | null> {
    await whenReady(this.#redis, CONNECT_WAIT_MS);
    if (this.#servers.isDue) await orWindowAway(this.#servers.check());
    const [epoch, sequence] = await orWindowAway(
      this.#redis.hmget(this.#keys.base, 'epoch', `journal ${shortJournal(journalId)}`),
    );
    if (epoch == null) return null;
    const base = { epoch: Number(epoch), lastSequence: Number(sequence ?? 0) };
    this.#places.set(journalId, { epoch: base.epoch, noted: base.lastSequence });
    return base;
  }

  /**
   * Two round trips: the adds, then the note of the journal's progress together with the publication. The note
   * waits for the adds, so it is never ahead of them.
   */
  async add(
    journalId: string,
    lastSequence: number,
    adds: readonly WindowAdd[],
    nowMs: number,
  ): Promise<readonly Total[]> {
    if (this.#servers.isDue) await orWindowAway(this.#servers.check());
    const place = this.#places.get(journalId) ?? (await this.#findPlace(journalId));
    const journal = shortJournal(journalId);
    const now = this.#bucketS(nowMs);
    const answers = chunksOf(adds, (add) => add.posts.length, this.#single).map(async (chunk) => {
      const keys = chunk.map((add) => this.#keys.client(add.clientId));
      return totalsOf(
        chunk,
        await this.#redis.pmAdd(
          keys.length,
          ...keys,
          place.epoch,
          journal,
          lastSequence,
          now,
          ...specsOf(chunk),
        ),
      );
    });
    const totals = (await orWindowAway(Promise.all(answers))).flat();
    const noted = this.#redis.pmAdvance(this.#keys.base, place.epoch, journal, place.noted, lastSequence);
    const published = this.#channel.tell(totals);
    const [noteResult] = await orWindowAway(Promise.all([noted, published]));
    if (noteResult === 0) throw lost();
    place.noted = Math.max(place.noted, lastSequence);
    return totals;
  }

  async totals(
    clients: ReadonlyArray<{ readonly clientId: string; readonly windowMs: number }>,
    nowMs: number,
  ): Promise<readonly Total[]> {
    const epoch = await orWindowAway(this.#redis.hget(this.#keys.base, 'epoch'));
    if (epoch === null) throw lost();
    const answers = chunksOf(clients, () => 1, this.#single).map(async (chunk) => {
      const keys = chunk.map(({ clientId }) => this.#keys.client(clientId));
      const windows = chunk.map(({ windowMs }) => windowMs / 1000);
      return totalsOf(
        chunk,
        await this.#redis.pmTotals(keys.length, ...keys, epoch, this.#bucketS(nowMs), ...windows),
      );
    });
    return (await orWindowAway(Promise.all(answers))).flat();
  }

  async beginRebuild(nowMs: number): Promise<number | null> {
    await whenReady(this.#redis, CONNECT_WAIT_MS);
    const { base, claim } = this.#keys;
    const epoch = await orWindowAway(this.#redis.pmBeginRebuild(base, claim, nowMs, CLAIM_MS));
    if (epoch === 0) return null;
    await new Promise((resolve) => setTimeout(resolve, this.#settleMs));
    await orWindowAway(this.#servers.beginRebuild());
    return epoch;
  }

  async restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void> {
    const calls = chunksOf(clients, (client) => client.posts.length, this.#single).map((chunk) => {
      const keys = chunk.map((add) => this.#keys.client(add.clientId));
      return this.#redis.pmRestore(keys.length, ...keys, epoch, this.#bucketS(nowMs), ...chunk.map(specOf));
    });
    await orWindowAway(Promise.all([...calls, this.#redis.pexpire(this.#keys.claim, CLAIM_MS)]));
  }

  async endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void> {
    const { base, claim } = this.#keys;
    const journals = [...sequences].flatMap(([id, sequence]) => [shortJournal(id), sequence]);
    const servers = await orWindowAway(this.#servers.endRebuild());
    const opened = await orWindowAway(this.#redis.pmEndRebuild(base, claim, epoch, servers, ...journals));
    if (opened === 0) throw lost();
  }

  async watch(
    listener: (totals: readonly Total[]) => void,
    missed?: () => void,
  ): Promise<() => Promise<void>> {
    return this.#channel.watch(listener, missed ?? (() => {}));
  }

  async close(): Promise<void> {
    await this.#channel.close();
    await disconnectRedis(this.#redis);
  }

  async #findPlace(journalId: string): Promise<JournalPlace> {
    await this.base(journalId);
    const place = this.#places.get(journalId);
    if (!place) throw lost();
    return place;
  }

  #bucketS(nowMs: number): number {
    return bucketOf(nowMs, this.#bucketSeconds) / 1000;
  }
}

/** Parses a script's flat output, in the order of the keys. */
function totalsOf(chunk: ReadonlyArray<{ readonly clientId: string }>, output: readonly number[]): Total[] {
  return chunk.map(({ clientId }, index) => {
    const posts = output[index * FIELDS]!;
    const oldest = output[index * FIELDS + 1]!;
    const asOf = output[index * FIELDS + 2]!;
    if (posts < 0) throw lost();
    return { clientId, posts, oldestMs: oldest === 0 ? undefined : oldest * 1000, asOfMs: asOf * 1000 };
  });
}

function lost(): WindowError {
  return new WindowError(
    'window_lost',
    'The window store was lost or replaced. It is rebuilt from the ledger automatically.',
  );
}

/** Reports any Redis failure as `window_away`, with the reason as cause. */
async function orWindowAway<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof WindowError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WindowError('window_away', `Redis does not serve the window: ${reason}`, { cause });
  }
}
