/**
 * The window store in a Durable Object's SQLite storage: the buckets are rows, and the rolling totals of the clients
 * that were asked for are in memory too. Everything happens at once within a call, so that a caller's transaction
 * holds it together with the journal.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { BucketQueue } from '../../meter/bucket-queue.ts';
import {
  type Total,
  type WindowAdd,
  type WindowBase,
  WindowError,
  type WindowStore,
} from '../../meter/port.ts';
import { bucketOf } from '../../meter/usage.ts';

/** A client's window as its rows have it. */
interface LoadedWindow {
  readonly queue: BucketQueue;
  readonly windowMs: number;
  newestMs: number;
}

type Posts = WindowAdd['posts'];

const SCHEMA = `
  create table if not exists window_life (one integer primary key, epoch integer, rebuilding integer not null);
  create table if not exists window_buckets (
    client_id text not null, bucket_ms integer not null, posts integer not null, primary key (client_id, bucket_ms)
  ) without rowid;
  create table if not exists window_added (
    journal_id text not null, client_id text not null, sequence integer not null, primary key (journal_id, client_id)
  ) without rowid;
  create table if not exists window_bases (journal_id text primary key, sequence integer not null) without rowid;`;

export class SqlWindow implements WindowStore {
  readonly #sql: SqlStorage;
  readonly #bucketSeconds: number;
  readonly #loaded = new Map<string, LoadedWindow>();
  #epoch: number | null = null;
  #rebuilding = 0;

  constructor(sql: SqlStorage, bucketSeconds: number) {
    this.#sql = sql;
    this.#bucketSeconds = bucketSeconds;
    sql.exec(SCHEMA);
    this.reload();
  }

  /** Reads its state from the storage again: a transaction with adds in it was rolled back. */
  reload(): void {
    this.#loaded.clear();
    const [life] = this.#sql.exec<{ epoch: number | null; rebuilding: number }>(
      'select epoch, rebuilding from window_life',
    );
    this.#epoch = life?.epoch ?? null;
    this.#rebuilding = life?.rebuilding ?? 0;
  }

  async base(journalId: string): Promise<WindowBase | null> {
    if (this.#epoch === null) return null;
    return { epoch: this.#epoch, lastSequence: this.addedOf(journalId) };
  }

  /** The last sequence of a journal that was added; 0 for none. */
  addedOf(journalId: string): number {
    const query = `select max(sequence) as sequence from (
      select sequence from window_bases where journal_id = ?
      union all select sequence from window_added where journal_id = ?)`;
    return this.#sql.exec<{ sequence: number | null }>(query, journalId, journalId).one().sequence ?? 0;
  }

  async add(
    journalId: string,
    lastSequence: number,
    adds: readonly WindowAdd[],
    nowMs: number,
  ): Promise<readonly Total[]> {
    return this.addNow(journalId, lastSequence, adds, nowMs);
  }

  /** As `add`, done when it returns. */
  addNow(
    journalId: string,
    lastSequence: number,
    adds: readonly WindowAdd[],
    nowMs: number,
  ): readonly Total[] {
    if (this.#epoch === null) {
      throw new WindowError('window_lost', 'This window is empty until it is rebuilt from the ledger.');
    }
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    if (adds.length === 0) this.#noteBase(journalId, lastSequence);
    return adds.map((add) => {
      const posts = this.#note(journalId, add.clientId, lastSequence) ? add.posts : [];
      return this.#addTo(add.clientId, add.windowMs, posts, nowBucketMs);
    });
  }

  async totals(
    clients: ReadonlyArray<{ readonly clientId: string; readonly windowMs: number }>,
    nowMs: number,
  ): Promise<readonly Total[]> {
    return clients.map(({ clientId, windowMs }) => this.totalOf(clientId, windowMs, nowMs));
  }

  totalOf(clientId: string, windowMs: number, nowMs: number): Total {
    return this.#addTo(clientId, windowMs, [], bucketOf(nowMs, this.#bucketSeconds));
  }

  /** Never null: the object is the only one that rebuilds it, and a rebuild that failed is simply begun again. */
  async beginRebuild(nowMs: number): Promise<number> {
    return this.beginLife(nowMs);
  }

  /** As `beginRebuild`, done when it returns. */
  beginLife(nowMs: number): number {
    this.#rebuilding = Math.max(nowMs, this.#rebuilding + 1);
    this.#epoch = null;
    this.#loaded.clear();
    for (const table of ['window_buckets', 'window_added', 'window_bases']) {
      this.#sql.exec(`delete from ${table}`);
    }
    this.#keepLife();
    return this.#rebuilding;
  }

  async restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void> {
    if (epoch !== this.#rebuilding) return;
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    for (const { clientId, windowMs, posts } of clients) {
      this.#empty(clientId);
      this.#addTo(clientId, windowMs, posts, nowBucketMs);
    }
  }

  async endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void> {
    this.openLife(epoch, sequences);
  }

  /** As `endRebuild`, done when it returns. */
  openLife(epoch: number, sequences: ReadonlyMap<string, number>): void {
    if (epoch !== this.#rebuilding) return;
    for (const [journalId, sequence] of sequences) this.#noteBase(journalId, sequence);
    this.#epoch = epoch;
    this.#keepLife();
  }

  /** Forgets the buckets that began at `throughMs` or before: no window reaches back to them any more. */
  prune(throughMs: number): void {
    this.#sql.exec('delete from window_buckets where bucket_ms <= ?', throughMs);
  }

  get isEmpty(): boolean {
    const query = 'select exists (select 1 from window_buckets) as some';
    return this.#sql.exec<{ some: number }>(query).one().some === 0;
  }

  /** Nobody else shares this window. */
  async watch(): Promise<() => Promise<void>> {
    return async () => {};
  }

  async close(): Promise<void> {}

  #addTo(clientId: string, windowMs: number, posts: Posts, nowBucketMs: number): Total {
    let newestMs = nowBucketMs;
    for (const { bucketMs } of posts) newestMs = Math.max(newestMs, bucketMs);
    const client = this.#load(clientId, windowMs);
    // A clock that ran a whole window ahead: what it wrote is let go, as the queue does.
    if (client.newestMs > newestMs + windowMs) {
      this.#sql.exec('delete from window_buckets where client_id = ?', clientId);
      client.newestMs = 0;
    }
    const asOfMs = client.queue.addAll(posts, nowBucketMs, windowMs);
    for (const { bucketMs, posts: count } of posts) {
      if (count > 0 && bucketMs > asOfMs - windowMs) this.#write(client, clientId, bucketMs, count);
    }
    return { clientId, posts: client.queue.sum, oldestMs: client.queue.oldestMs, asOfMs };
  }

  #write(client: LoadedWindow, clientId: string, bucketMs: number, posts: number): void {
    this.#sql.exec(
      `insert into window_buckets (client_id, bucket_ms, posts) values (?, ?, ?)
       on conflict do update set posts = posts + excluded.posts`,
      clientId,
      bucketMs,
      posts,
    );
    client.newestMs = Math.max(client.newestMs, bucketMs);
  }

  /** A window that has become longer is read anew: older buckets may be in it again. */
  #load(clientId: string, windowMs: number): LoadedWindow {
    const known = this.#loaded.get(clientId);
    if (known !== undefined && windowMs <= known.windowMs) return known;
    const rows = this.#sql
      .exec<{ bucketMs: number; posts: number }>(
        'select bucket_ms as bucketMs, posts from window_buckets where client_id = ? order by bucket_ms',
        clientId,
      )
      .toArray();
    const newestMs = rows.at(-1)?.bucketMs ?? 0;
    const loaded = { queue: new BucketQueue(), windowMs, newestMs };
    loaded.queue.addAll(rows, newestMs, windowMs);
    this.#loaded.set(clientId, loaded);
    return loaded;
  }

  #empty(clientId: string): void {
    this.#loaded.delete(clientId);
    this.#sql.exec('delete from window_buckets where client_id = ?', clientId);
  }

  /** Notes the sequence; false where the client has it. */
  #note(journalId: string, clientId: string, sequence: number): boolean {
    const noted = this.#sql.exec(
      `insert into window_added (journal_id, client_id, sequence) values (?, ?, ?)
       on conflict do update set sequence = excluded.sequence where excluded.sequence > sequence returning 1`,
      journalId,
      clientId,
      sequence,
    );
    return noted.toArray().length > 0;
  }

  #noteBase(journalId: string, sequence: number): void {
    this.#sql.exec(
      `insert into window_bases (journal_id, sequence) values (?, ?)
       on conflict do update set sequence = max(sequence, excluded.sequence)`,
      journalId,
      sequence,
    );
  }

  #keepLife(): void {
    this.#sql.exec(
      `insert into window_life (one, epoch, rebuilding) values (1, ?, ?)
       on conflict do update set epoch = excluded.epoch, rebuilding = excluded.rebuilding`,
      this.#epoch,
      this.#rebuilding,
    );
  }
}
