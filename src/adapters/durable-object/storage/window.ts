/**
 * The window store in a Durable Object's SQLite storage. Everything happens at once within a call, so that a caller's
 * transaction holds it together with the journal.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import {
  type Total,
  type WindowAdd,
  type WindowBase,
  WindowError,
  type WindowStore,
} from '../../../meter/port.ts';
import { About } from './about.ts';
import { SqlBuckets } from './buckets.ts';
import { numberOf } from './number-of.ts';

/** Stands for all clients in `window_added`. */
const ALL_CLIENTS = '';

export class SqlWindow implements WindowStore {
  readonly #sql: SqlStorage;
  readonly #about: About;
  readonly #buckets: SqlBuckets;
  #epoch: number | null = null;
  #rebuilding = 0;

  constructor(sql: SqlStorage, bucketSeconds: number) {
    this.#sql = sql;
    this.#about = new About(sql);
    this.#buckets = new SqlBuckets(sql, bucketSeconds);
    sql.exec(`create table if not exists window_added (
      journal_id text not null, client_id text not null, sequence integer not null, primary key (journal_id, client_id)
    ) without rowid`);
    this.reload();
  }

  /** Reads its state from the storage again: a transaction was rolled back. Adds that are not settled are forgotten. */
  reload(): void {
    this.#buckets.reload();
    this.#epoch = this.#about.get('window_epoch');
    this.#rebuilding = this.#about.get('window_rebuilding') ?? 0;
  }

  async base(journalId: string): Promise<WindowBase | null> {
    if (this.#epoch === null) return null;
    return { epoch: this.#epoch, lastSequence: this.addedOf(journalId) };
  }

  /** The last sequence of a journal that was added; 0 for none. */
  addedOf(journalId: string): number {
    const query = 'select max(sequence) as number from window_added where journal_id = ?';
    return numberOf(this.#sql, query, journalId);
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
    this.#mustBeOpen();
    if (adds.length === 0) this.#note(journalId, ALL_CLIENTS, lastSequence);
    const totals = adds.map((add) => {
      const isNew = this.#note(journalId, add.clientId, lastSequence);
      return this.#buckets.add(isNew ? add : { ...add, posts: [] }, nowMs);
    });
    this.settle();
    return totals;
  }

  /** Adds posts that cannot arrive twice. They are only in memory until `settle`, because the caller has them on disk. */
  addLater(add: WindowAdd, nowMs: number): Total {
    this.#mustBeOpen();
    return this.#buckets.add(add, nowMs);
  }

  /** Writes what was added to be written later. */
  settle(): void {
    this.#buckets.settle();
  }

  async totals(
    clients: ReadonlyArray<{ readonly clientId: string; readonly windowMs: number }>,
    nowMs: number,
  ): Promise<readonly Total[]> {
    return clients.map(({ clientId, windowMs }) => this.totalOf(clientId, windowMs, nowMs));
  }

  totalOf(clientId: string, windowMs: number, nowMs: number): Total {
    return this.#buckets.add({ clientId, windowMs, posts: [] }, nowMs);
  }

  /** Never null: the object is the only one that rebuilds it, and a rebuild that failed is simply begun again. */
  async beginRebuild(nowMs: number): Promise<number> {
    return this.beginLife(nowMs);
  }

  /** As `beginRebuild`, done when it returns. */
  beginLife(nowMs: number): number {
    this.#rebuilding = Math.max(nowMs, this.#rebuilding + 1);
    if (this.#epoch !== null) this.#about.set('window_epoch', null);
    this.#epoch = null;
    this.#buckets.emptyAll();
    this.#sql.exec('delete from window_added');
    this.#about.set('window_rebuilding', this.#rebuilding);
    return this.#rebuilding;
  }

  async restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void> {
    if (epoch !== this.#rebuilding) return;
    for (const client of clients) {
      this.#buckets.empty(client.clientId);
      this.#buckets.add(client, nowMs);
    }
    this.settle();
  }

  async endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void> {
    this.openLife(epoch, sequences);
  }

  /** As `endRebuild`, done when it returns. */
  openLife(epoch: number, sequences: ReadonlyMap<string, number>): void {
    if (epoch !== this.#rebuilding) return;
    for (const [journalId, sequence] of sequences) this.#note(journalId, ALL_CLIENTS, sequence);
    this.#epoch = epoch;
    this.#about.set('window_epoch', epoch);
  }

  /** Forgets a client's buckets that began at `throughMs` or before: no window reaches back to them any more. */
  prune(clientId: string, throughMs: number): void {
    this.#buckets.prune(clientId, throughMs);
  }

  get isEmpty(): boolean {
    return this.#buckets.isEmpty;
  }

  /** Nobody else shares this window. */
  async watch(): Promise<() => Promise<void>> {
    return async () => {};
  }

  async close(): Promise<void> {}

  #mustBeOpen(): void {
    if (this.#epoch !== null) return;
    throw new WindowError('window_lost', 'This window is empty until it is rebuilt from the ledger.');
  }

  /** Notes the sequence of a client, or of all. Returns false if it is noted already. */
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
}
