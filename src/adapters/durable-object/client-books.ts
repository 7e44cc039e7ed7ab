/**
 * What one client's object keeps: journal, window and senders, always changed together or not at all. Usage that is taken
 * is one row, its record in the journal. Window and senders take it in memory, and `settle` writes their rows. An object that
 * starts again replays the records since the last `settle`.
 */

import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { windowAdds } from '../../meter/batch.ts';
import { type MeteringConfiguration, MOVES_JOURNAL, type MovedPosts } from '../../meter/port.ts';
import { addUp } from '../../meter/usage-sums.ts';
import { DEFAULT_WINDOW_MS } from '../../tariff/tariff.ts';
import type { ObjectTotal, SentUsage, ServedPosts } from '../edge/protocol.ts';
import { Senders } from './senders.ts';
import type { ObjectSettings } from './settings.ts';
import { About } from './storage/about.ts';
import { SqlJournal } from './storage/journal.ts';
import type { KeptRecord } from './storage/records.ts';
import { SqlWindow } from './storage/window.ts';

/** In the window, what the ledger had before the object began is the one batch of this journal. */
const LEDGER_BEFORE = 'ledger';

export class ClientBooks {
  readonly journal: SqlJournal;
  readonly #window: SqlWindow;
  readonly #senders: Senders;
  readonly #about: About;
  readonly #storage: DurableObjectStorage;
  readonly #nowMs: () => number;
  readonly #own: ObjectSettings['configuration'];
  /** Hash and version under which the last record was counted; null before the first. */
  #countedUnder: string | null = null;
  #isKnown = false;
  #clientId: string | null = null;
  #windowMs = DEFAULT_WINDOW_MS;
  /** Window and senders have rows of the records up to this one. */
  #settled = 0;
  /** The memory differs from the storage, which could not be read again after a change that failed. */
  #isStale = false;

  constructor(storage: DurableObjectStorage, settings: ObjectSettings, nowMs: () => number) {
    const { sql } = storage;
    this.#storage = storage;
    this.#nowMs = nowMs;
    this.#own = settings.configuration;
    this.#about = new About(sql);
    const { retainMs, maxJournalBytes: maxBytes } = settings;
    const newId = () => crypto.randomUUID();
    const onDrop = () => this.#settle();
    this.journal = new SqlJournal({ sql, retainMs, maxBytes, nowMs, newId, onDrop });
    this.#window = new SqlWindow(sql, settings.bucketSeconds);
    this.#senders = new Senders(sql);
    this.#reload();
  }

  /** Null while nobody has ever asked for a client. */
  get clientId(): string | null {
    return this.#clientId;
  }

  /** Whether the window holds what the ledger had before the object began. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Ledger and journal may tell different things: the ledger was away, or has less than it had. */
  get isDoubted(): boolean {
    return this.#about.get('is_doubted') === 1;
  }

  set isDoubted(isDoubted: boolean) {
    if (isDoubted !== this.isDoubted) this.#about.set('is_doubted', isDoubted ? 1 : 0);
  }

  /** Takes usage once; again it changes nothing. Throws `JournalError` where there is no room. */
  take(sent: SentUsage): ObjectTotal {
    const { clientId, windowMs } = sent;
    return this.#together(() => {
      this.#remember(clientId, windowMs);
      if (!this.#senders.isNew(sent.sender, sent.sequence)) return this.#total(clientId, windowMs);
      const usage = addUp(sent.usage);
      const atMs = this.#nowMs();
      const source = { sender: sent.sender, sequence: sent.sequence, atMs };
      const begun = this.#begun(sent.configuration, atMs);
      const sequence = this.journal.append(usage, undefined, begun, source);
      this.#apply({ sequence, usage, source });
      return this.#total(clientId, windowMs);
    });
  }

  /** Writes the rows of window and senders for the records since the last call. */
  settle(): void {
    this.#together(() => this.#settle());
  }

  /** The client's total, and from now on the object is this client's. */
  look(clientId: string, windowMs: number): ObjectTotal {
    return this.#together(() => {
      this.#remember(clientId, windowMs);
      return this.#total(clientId, windowMs);
    });
  }

  /** Adds what the ledger has of the time before: nothing of this journal may be in it yet. */
  fill(served: ServedPosts): void {
    const [clientId, windowMs] = [this.#clientId, this.#windowMs];
    if (clientId === null || this.#isKnown) return;
    const posts = served.posts.map(({ bucketMs, posts }) => ({ bucketMs, posts }));
    this.#together(() => {
      this.#settle();
      this.#window.addNow(LEDGER_BEFORE, 1, [{ clientId, windowMs, posts }], this.#nowMs());
      if (served.movedUpTo === 0) return;
      this.#window.addNow(
        MOVES_JOURNAL,
        served.movedUpTo,
        [{ clientId, windowMs, posts: [] }],
        this.#nowMs(),
      );
    });
    this.#isKnown = true;
  }

  /**
   * Adds what a move has changed, once for each sequence. False before the window is filled: the posts that fill it may
   * be from before or from after the move.
   */
  correct(sequence: number, posts: MovedPosts['posts']): boolean {
    const [clientId, windowMs] = [this.#clientId, this.#windowMs];
    if (clientId === null) return true;
    if (!this.#isKnown) return false;
    this.#together(() => {
      this.#settle();
      this.#window.addNow(MOVES_JOURNAL, sequence, [{ clientId, windowMs, posts }], this.#nowMs());
    });
    return true;
  }

  /** No window reaches further back. Epoch milliseconds. */
  get oldestWindowMs(): number {
    return this.#nowMs() - Math.max(this.#windowMs, DEFAULT_WINDOW_MS);
  }

  /** Lets go of what is old, some of it where that is much; true where more of it is left. */
  prune(): boolean {
    return this.#together(() => {
      this.#settle();
      if (this.#clientId !== null) this.#window.prune(this.#clientId, this.oldestWindowMs);
      this.#senders.prune(this.#nowMs());
      return this.journal.prune();
    });
  }

  /** Nothing is left that anybody could want: a new object would know as much. */
  get isSpent(): boolean {
    return this.journal.isEmpty && this.#window.isEmpty && this.#senders.isEmpty;
  }

  /**
   * What to record where an isolate counted under another configuration than the one before. While a deployment goes out
   * an isolate may have another text than this object: then its hash alone is recorded.
   */
  #begun({ hash, version }: SentUsage['configuration'], nowMs: number): MeteringConfiguration | undefined {
    const name = `${hash} ${version}`;
    if (name === this.#countedUnder) return undefined;
    this.#countedUnder = name;
    this.#about.set('counted_under', name);
    return { hash, content: hash === this.#own.hash ? this.#own.content : null, version, fromMs: nowMs };
  }

  #remember(clientId: string, windowMs: number): void {
    if (this.#clientId === null) {
      this.#clientId = clientId;
      this.#about.set('client_id', clientId);
      this.#window.openLife(this.#window.beginLife(this.#nowMs()), new Map());
    }
    if (this.#windowMs === windowMs) return;
    this.#windowMs = windowMs;
    this.#about.set('window_ms', windowMs);
  }

  #total(clientId: string, windowMs: number): ObjectTotal {
    return { ...this.#window.totalOf(clientId, windowMs, this.#nowMs()), isKnown: this.#isKnown };
  }

  /** Adds a record to window and senders. A replay has the same result, because the record contains its time. */
  #apply({ sequence, usage, source }: KeptRecord): void {
    if (source === undefined) return;
    this.#senders.note(source.sender, source.sequence, source.atMs);
    for (const add of windowAdds([{ sequence, usage }], () => this.#windowMs)) {
      this.#window.addLater(add, source.atMs);
    }
  }

  #settle(): void {
    const { lastSequence } = this.journal;
    if (this.#settled === lastSequence) return;
    this.#senders.settle();
    this.#window.settle();
    this.#about.set('settled', lastSequence);
    this.#settled = lastSequence;
  }

  #together<T>(change: () => T): T {
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
    this.#senders.reload();
    this.#isKnown = this.#window.addedOf(LEDGER_BEFORE) > 0;
    this.#clientId = this.#about.get('client_id');
    this.#countedUnder = this.#about.get('counted_under');
    this.#windowMs = this.#about.get('window_ms') ?? DEFAULT_WINDOW_MS;
    this.#settled = this.#about.get('settled') ?? 0;
    for (const record of this.journal.recordsAfter(this.#settled)) this.#apply(record);
    this.#isStale = false;
  }
}
