/**
 * Posts by client and bucket as rows of a Durable Object's SQLite storage. The rolling totals of the clients that were
 * asked for are in memory too, and what was added is in memory alone until `settle`.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { BucketQueue } from '../../../meter/bucket-queue.ts';
import type { Total, WindowAdd } from '../../../meter/port.ts';
import { bucketOf } from '../../../meter/usage.ts';

/** A client's window. */
interface LoadedWindow {
  readonly queue: BucketQueue;
  readonly windowMs: number;
  newestMs: number;
  /** Posts by bucket that no row has yet. */
  readonly unwritten: Map<number, number>;
}

export class SqlBuckets {
  readonly #sql: SqlStorage;
  readonly #bucketSeconds: number;
  readonly #loaded = new Map<string, LoadedWindow>();

  constructor(sql: SqlStorage, bucketSeconds: number) {
    this.#sql = sql;
    this.#bucketSeconds = bucketSeconds;
    sql.exec(`create table if not exists window_buckets (
      client_id text not null, bucket_ms integer not null, posts integer not null, primary key (client_id, bucket_ms)
    ) without rowid`);
  }

  /** Its memory is not to be trusted: a transaction with adds in it was rolled back. */
  reload(): void {
    this.#loaded.clear();
  }

  /** Adds posts in memory, ignores those that have left the window, and answers the total after it. */
  add({ clientId, windowMs, posts }: WindowAdd, nowMs: number): Total {
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    let newestMs = nowBucketMs;
    for (const { bucketMs } of posts) newestMs = Math.max(newestMs, bucketMs);
    const client = this.#load(clientId, windowMs);
    // A clock that ran a whole window ahead: what it wrote is let go, as the queue does.
    if (client.newestMs > newestMs + windowMs) {
      this.#sql.exec('delete from window_buckets where client_id = ?', clientId);
      client.unwritten.clear();
      client.newestMs = 0;
    }
    const asOfMs = client.queue.addAll(posts, nowBucketMs, windowMs);
    for (const { bucketMs, posts: count } of posts) {
      if (count === 0 || bucketMs <= asOfMs - windowMs) continue;
      client.newestMs = Math.max(client.newestMs, bucketMs);
      client.unwritten.set(bucketMs, (client.unwritten.get(bucketMs) ?? 0) + count);
    }
    return { clientId, posts: Math.max(0, client.queue.sum), oldestMs: client.queue.oldestMs, asOfMs };
  }

  /** Writes what was added since the last time. */
  settle(): void {
    for (const [clientId, { unwritten }] of this.#loaded) {
      for (const [bucketMs, posts] of unwritten) this.#write(clientId, bucketMs, posts);
      unwritten.clear();
    }
  }

  /** Forgets a client's posts. */
  empty(clientId: string): void {
    this.#loaded.delete(clientId);
    this.#sql.exec('delete from window_buckets where client_id = ?', clientId);
  }

  emptyAll(): void {
    this.#loaded.clear();
    this.#sql.exec('delete from window_buckets');
  }

  /** Forgets the client's buckets that began at `throughMs` or before. */
  prune(clientId: string, throughMs: number): void {
    this.#sql.exec('delete from window_buckets where client_id = ? and bucket_ms <= ?', clientId, throughMs);
  }

  get isEmpty(): boolean {
    const query = 'select exists (select 1 from window_buckets) as some';
    return this.#sql.exec<{ some: number }>(query).one().some === 0;
  }

  #write(clientId: string, bucketMs: number, posts: number): void {
    this.#sql.exec(
      `insert into window_buckets (client_id, bucket_ms, posts) values (?, ?, ?)
       on conflict do update set posts = posts + excluded.posts`,
      clientId,
      bucketMs,
      posts,
    );
  }

  /** A window that has become longer is read again, because older buckets may be in it. */
  #load(clientId: string, windowMs: number): LoadedWindow {
    const known = this.#loaded.get(clientId);
    if (known !== undefined && windowMs <= known.windowMs) return known;
    const rows = this.#sql
      .exec<{ bucketMs: number; posts: number }>(
        'select bucket_ms as bucketMs, posts from window_buckets where client_id = ? order by bucket_ms',
        clientId,
      )
      .toArray();
    const unwritten = known?.unwritten ?? new Map<number, number>();
    const buckets = [...rows, ...Array.from(unwritten, ([bucketMs, posts]) => ({ bucketMs, posts }))];
    const newestMs = buckets.reduce((newest, { bucketMs }) => Math.max(newest, bucketMs), 0);
    const loaded = { queue: new BucketQueue(), windowMs, newestMs, unwritten };
    loaded.queue.addAll(buckets, newestMs, windowMs);
    this.#loaded.set(clientId, loaded);
    return loaded;
  }
}
