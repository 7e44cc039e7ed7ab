/**
 * The rolling window of an object's one client, as rows of a Durable Object's SQLite storage. The total is computed in
 * memory, and added posts are only in memory until `flush`. Everything is synchronous, so that it can share a transaction
 * with the journal.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { BucketQueue } from '../../../meter/bucket-queue.ts';
import type { Total, WindowAdd } from '../../../meter/port.ts';
import { bucketOf } from '../../../meter/usage.ts';
import { scalar } from './sql.ts';

interface LoadedWindow {
  readonly clientId: string;
  readonly queue: BucketQueue;
  readonly windowMs: number;
  newestMs: number;
  /** The latest end of the window at which posts were added. Buckets that had left it stay out if the clock steps back. */
  endMs: number;
  /** The rows were dropped and are not deleted yet. A replay starts from the rows, so only `flush` changes them. */
  isDropped: boolean;
  /** Posts by bucket that are not written yet. */
  readonly unwritten: Map<number, number>;
}

export class SqlWindow {
  readonly #sql: SqlStorage;
  readonly #bucketSeconds: number;
  #loaded: LoadedWindow | null = null;

  constructor(sql: SqlStorage, bucketSeconds: number) {
    this.#sql = sql;
    this.#bucketSeconds = bucketSeconds;
    sql.exec(`create table if not exists window_added (
      journal_id text not null, client_id text not null, sequence integer not null, primary key (journal_id, client_id)
    ) without rowid`);
    sql.exec(`create table if not exists window_buckets (
      client_id text not null, bucket_ms integer not null, posts integer not null, primary key (client_id, bucket_ms)
    ) without rowid`);
  }

  /** Discards the memory, which includes adds that were not flushed: a transaction was rolled back. */
  reload(): void {
    this.#loaded = null;
  }

  /** The last sequence of a journal that `addOnce` added; 0 if there is none. */
  addedUpTo(journalId: string): number {
    const query = 'select max(sequence) as number from window_added where journal_id = ?';
    return scalar(this.#sql, query, journalId);
  }

  /** Adds posts and writes them, unless this sequence of the journal or a later one was added before. */
  addOnce(journalId: string, sequence: number, add: WindowAdd, nowMs: number): void {
    const added = this.#sql.exec(
      `insert into window_added (journal_id, client_id, sequence) values (?, ?, ?)
       on conflict do update set sequence = excluded.sequence where excluded.sequence > sequence returning 1`,
      journalId,
      add.clientId,
      sequence,
    );
    if (added.toArray().length === 0) return;
    this.add(add, nowMs);
    this.flush();
  }

  /** Adds posts in memory, and returns the total after it. Posts that have left the window are ignored. */
  add({ clientId, windowMs, posts }: WindowAdd, nowMs: number): Total {
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    let newestMs = nowBucketMs;
    for (const { bucketMs } of posts) newestMs = Math.max(newestMs, bucketMs);
    const window = this.#load(clientId, windowMs);
    // A clock ran a whole window ahead. What it wrote is dropped, as `BucketQueue` does.
    if (window.newestMs > newestMs + windowMs) {
      window.isDropped = true;
      window.unwritten.clear();
      window.newestMs = 0;
      window.endMs = 0;
    }
    const asOfMs = window.queue.addAll(posts, nowBucketMs, windowMs);
    if (posts.length > 0) window.endMs = Math.max(window.endMs, asOfMs);
    for (const { bucketMs, posts: count } of posts) {
      if (count === 0 || bucketMs <= asOfMs - windowMs) continue;
      window.newestMs = Math.max(window.newestMs, bucketMs);
      window.unwritten.set(bucketMs, (window.unwritten.get(bucketMs) ?? 0) + count);
    }
    return { clientId, posts: Math.max(0, window.queue.sum), oldestMs: window.queue.oldestMs, asOfMs };
  }

  total(clientId: string, windowMs: number, nowMs: number): Total {
    return this.add({ clientId, windowMs, posts: [] }, nowMs);
  }

  /** Writes what was added since the last flush. */
  flush(): void {
    if (this.#loaded === null) return;
    const { clientId, isDropped, unwritten } = this.#loaded;
    if (isDropped) this.#sql.exec('delete from window_buckets where client_id = ?', clientId);
    this.#loaded.isDropped = false;
    for (const [bucketMs, posts] of unwritten) {
      this.#sql.exec(
        `insert into window_buckets (client_id, bucket_ms, posts) values (?, ?, ?)
         on conflict do update set posts = posts + excluded.posts`,
        clientId,
        bucketMs,
        posts,
      );
    }
    unwritten.clear();
  }

  /** Deletes the buckets that have left a window of this length. */
  prune(clientId: string, lengthMs: number, nowMs: number): void {
    const throughMs = Math.max(nowMs, this.#loaded?.endMs ?? 0) - lengthMs;
    this.#sql.exec('delete from window_buckets where client_id = ? and bucket_ms <= ?', clientId, throughMs);
  }

  get isEmpty(): boolean {
    return scalar(this.#sql, 'select exists (select 1 from window_buckets) as number') === 0;
  }

  /** Reads a window again that has become longer, because it may include older buckets. */
  #load(clientId: string, windowMs: number): LoadedWindow {
    const known = this.#loaded;
    if (known !== null && windowMs <= known.windowMs) return known;
    const isDropped = known?.isDropped ?? false;
    const rows = isDropped ? [] : this.#rows(clientId);
    const unwritten = known?.unwritten ?? new Map<number, number>();
    const buckets = [...rows, ...Array.from(unwritten, ([bucketMs, posts]) => ({ bucketMs, posts }))];
    const newestMs = buckets.reduce((newest, { bucketMs }) => Math.max(newest, bucketMs), 0);
    const queue = new BucketQueue();
    queue.addAll(buckets, newestMs, windowMs);
    this.#loaded = { clientId, queue, windowMs, newestMs, endMs: known?.endMs ?? 0, isDropped, unwritten };
    return this.#loaded;
  }

  #rows(clientId: string): { bucketMs: number; posts: number }[] {
    return this.#sql
      .exec<{ bucketMs: number; posts: number }>(
        'select bucket_ms as bucketMs, posts from window_buckets where client_id = ? order by bucket_ms',
        clientId,
      )
      .toArray();
  }
}
