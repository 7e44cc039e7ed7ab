/**
 * The state of one client's object: journal, window and producers, which change together or not at all. A journal record
 * is the only row that new usage writes. Window and producers take the usage in memory, and `flush` writes their rows. An
 * object that starts again replays the records since the last flush.
 */

import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { windowAdds } from '../../meter/batch.ts';
import { type DecidedUnder, epochAfter, type MeteringEpoch } from '../../meter/chain/epochs.ts';
import { type MeteringConfiguration, MOVES_JOURNAL, type MovedPosts } from '../../meter/port.ts';
import { addUp } from '../../meter/usage-sums.ts';
import { DEFAULT_WINDOW_MS } from '../../tariff/tariff.ts';
import type { ObjectTotal, SentUsage, ServedPosts } from '../edge/protocol.ts';
import type { ObjectSettings } from './settings.ts';
import { SqlJournal } from './storage/journal.ts';
import { ObjectMeta } from './storage/object-meta.ts';
import { SqlProducers } from './storage/producers.ts';
import type { StoredRecord } from './storage/records.ts';
import { SqlWindow } from './storage/window.ts';

/** The journal id under which the window notes that it has the posts that the ledger had before the object. */
const LEDGER_JOURNAL = 'ledger';

export class ClientState {
  readonly journal: SqlJournal;
  readonly #window: SqlWindow;
  readonly #producers: SqlProducers;
  readonly #meta: ObjectMeta;
  readonly #storage: DurableObjectStorage;
  readonly #nowMs: () => number;
  readonly #ownConfiguration: ObjectSettings['configuration'];
  /** Hash and version under which the last record was counted; null before the first record. */
  #countedUnder: string | null = null;
  /** The last epoch in the journal; null before the first one. */
  #epoch: MeteringEpoch | null = null;
  #isKnown = false;
  #clientId: string | null = null;
  #windowMs = DEFAULT_WINDOW_MS;
  /** The rows of window and producers include the records up to this sequence. */
  #flushedSequence = 0;
  /** The memory differs from the storage, which could not be read again after a failed change. */
  #isStale = false;

  constructor(storage: DurableObjectStorage, settings: ObjectSettings, nowMs: () => number) {
    const { sql } = storage;
    this.#storage = storage;
    this.#nowMs = nowMs;
    this.#ownConfiguration = settings.configuration;
    this.#meta = new ObjectMeta(sql);
    const { retainMs, maxJournalBytes: maxBytes } = settings;
    const newId = () => crypto.randomUUID();
    const onDelete = () => this.#flush();
    this.journal = new SqlJournal({ sql, retainMs, maxBytes, nowMs, newId, onDelete });
    this.#window = new SqlWindow(sql, settings.bucketSeconds);
    this.#producers = new SqlProducers(sql);
    this.#reload();
  }

  /** Null until the first call for a client. */
  get clientId(): string | null {
    return this.#clientId;
  }

  /** True if the window includes the posts that the ledger had before the object. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** True if ledger and journal may differ, because the ledger was unreachable or has fewer records than it had. */
  get needsComparison(): boolean {
    return this.#meta.get('is_doubted') === 1;
  }

  set needsComparison(needed: boolean) {
    if (needed !== this.needsComparison) this.#meta.set('is_doubted', needed ? 1 : 0);
  }

  /** Takes usage once; a repeated call changes nothing. Throws `JournalError` if the storage is full. */
  take(sent: SentUsage): ObjectTotal {
    const { clientId, windowMs, sender: producerId } = sent;
    return this.#atomically(() => {
      this.#assign(clientId, windowMs);
      if (!this.#producers.isNew(producerId, sent.sequence)) return this.#total(clientId, windowMs);
      const usage = addUp(sent.usage);
      const atMs = this.#nowMs();
      const source = { producerId, sequence: sent.sequence, atMs };
      const configuration = this.#newConfiguration(sent.configuration, atMs);
      const epoch = this.#newEpoch(sent.decidedUnder ?? null, atMs);
      const sequence = this.journal.append(usage, undefined, configuration, epoch, source);
      this.#apply({ sequence, usage, source });
      return this.#total(clientId, windowMs);
    });
  }

  /** Writes the rows of window and producers for the records since the last flush. */
  flush(): void {
    this.#atomically(() => this.#flush());
  }

  /** Returns the client's total, and assigns the object to the client. */
  total(clientId: string, windowMs: number): ObjectTotal {
    return this.#atomically(() => {
      this.#assign(clientId, windowMs);
      return this.#total(clientId, windowMs);
    });
  }

  /** Adds the posts that the ledger had before the object. They must not include any record of this journal. */
  fill(served: ServedPosts): void {
    const [clientId, windowMs] = [this.#clientId, this.#windowMs];
    if (clientId === null || this.#isKnown) return;
    const posts = served.posts.map(({ bucketMs, posts }) => ({ bucketMs, posts }));
    this.#atomically(() => {
      const nowMs = this.#nowMs();
      this.#flush();
      this.#window.addOnce(LEDGER_JOURNAL, 1, { clientId, windowMs, posts }, nowMs);
      if (served.movedUpTo === 0) return;
      this.#window.addOnce(MOVES_JOURNAL, served.movedUpTo, { clientId, windowMs, posts: [] }, nowMs);
    });
    this.#isKnown = true;
  }

  /**
   * Adds the posts that a move has transferred, once for each sequence. Returns false before the window is filled,
   * because the posts that fill it may be from before or after the move.
   */
  addMoved(sequence: number, posts: MovedPosts['posts']): boolean {
    const [clientId, windowMs] = [this.#clientId, this.#windowMs];
    if (clientId === null) return true;
    if (!this.#isKnown) return false;
    this.#atomically(() => {
      this.#flush();
      this.#window.addOnce(MOVES_JOURNAL, sequence, { clientId, windowMs, posts }, this.#nowMs());
    });
    return true;
  }

  /** Epoch milliseconds. The window includes nothing older, even if it becomes longer (to the default length). */
  get windowStartMs(): number {
    return this.#nowMs() - this.#maxWindowMs;
  }

  /** Deletes what is out of date, a bounded number of records at a time. Returns true if more is left. */
  prune(): boolean {
    return this.#atomically(() => {
      this.#flush();
      if (this.#clientId !== null) this.#window.prune(this.#clientId, this.#maxWindowMs, this.#nowMs());
      this.#producers.prune(this.#nowMs());
      return this.journal.prune();
    });
  }

  /** True if the object has no state that a new object would lack, and can be deleted. */
  get isDrained(): boolean {
    return this.journal.isEmpty && this.#window.isEmpty && this.#producers.isEmpty;
  }

  /**
   * Returns what to record if the isolate counted under another configuration than before. During a deployment an
   * isolate may have another configuration than this object. Only its hash is recorded then.
   */
  #newConfiguration(
    { hash, version }: SentUsage['configuration'],
    nowMs: number,
  ): MeteringConfiguration | undefined {
    const name = `${hash} ${version}`;
    if (name === this.#countedUnder) return undefined;
    this.#countedUnder = name;
    this.#meta.set('counted_under', name);
    const own = this.#ownConfiguration;
    return { hash, content: hash === own.hash ? own.content : null, version, fromMs: nowMs };
  }

  /** Isolates learn of changes within seconds of each other. The newer state is kept, so that epochs never alternate. */
  #newEpoch(now: DecidedUnder | null, nowMs: number): MeteringEpoch | undefined {
    if (now !== null && this.#epoch !== null && now.policyVersion < this.#epoch.policyVersion)
      return undefined;
    const epoch = epochAfter(this.#epoch, now, nowMs);
    if (epoch === undefined) return undefined;
    this.#epoch = epoch;
    this.#meta.set('epoch', JSON.stringify(epoch));
    return epoch;
  }

  get #maxWindowMs(): number {
    return Math.max(this.#windowMs, DEFAULT_WINDOW_MS);
  }

  #assign(clientId: string, windowMs: number): void {
    if (this.#clientId === null) {
      this.#clientId = clientId;
      this.#meta.set('client_id', clientId);
    }
    if (this.#windowMs === windowMs) return;
    this.#windowMs = windowMs;
    this.#meta.set('window_ms', windowMs);
  }

  #total(clientId: string, windowMs: number): ObjectTotal {
    return { ...this.#window.total(clientId, windowMs, this.#nowMs()), isKnown: this.#isKnown };
  }

  /** Adds a record to window and producers. A replay has the same result, because the record contains its time. */
  #apply({ sequence, usage, source }: StoredRecord): void {
    if (source === undefined) return;
    this.#producers.advance(source.producerId, source.sequence, source.atMs);
    for (const add of windowAdds([{ sequence, usage }], () => this.#windowMs)) {
      this.#window.add(add, source.atMs);
    }
  }

  #flush(): void {
    const { lastSequence } = this.journal;
    if (this.#flushedSequence === lastSequence) return;
    this.#producers.flush();
    this.#window.flush();
    this.#meta.set('settled', lastSequence);
    this.#flushedSequence = lastSequence;
  }

  #atomically<T>(change: () => T): T {
    if (this.#isStale) this.#reload();
    try {
      return this.#storage.transactionSync(change);
    } catch (error) {
      this.#isStale = true;
      this.#reload();
      throw error;
    }
  }

  #reload(): void {
    this.journal.reload();
    this.#window.reload();
    this.#producers.reload();
    this.#isKnown = this.#window.addedUpTo(LEDGER_JOURNAL) > 0;
    this.#clientId = this.#meta.get('client_id');
    this.#countedUnder = this.#meta.get('counted_under');
    this.#epoch = JSON.parse(this.#meta.get<string>('epoch') ?? 'null') as MeteringEpoch | null;
    this.#windowMs = this.#meta.get('window_ms') ?? DEFAULT_WINDOW_MS;
    this.#flushedSequence = this.#meta.get('settled') ?? 0;
    for (const record of this.journal.recordsAfter(this.#flushedSequence)) this.#apply(record);
    this.#isStale = false;
  }
}
