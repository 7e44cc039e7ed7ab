/** The window store of a single process: rolling totals in memory, rebuilt from the ledger at every start. */

import { BucketQueue } from '../../meter/bucket-queue.ts';
import {
  type Total,
  type WindowAdd,
  type WindowBase,
  WindowError,
  type WindowStore,
} from '../../meter/port.ts';
import { bucketOf } from '../../meter/usage.ts';

export interface MemoryWindowOptions {
  /** Length of a bucket. Default 60. */
  readonly bucketSeconds?: number;
}

export function memoryWindow(options: MemoryWindowOptions = {}): WindowStore {
  return new MemoryWindow(options.bucketSeconds ?? 60);
}

interface ClientWindow {
  readonly queue: BucketQueue;
  /** The first journal and its last sequence. A client with a single journal needs no map. */
  journalId: string | null;
  sequence: number;
  /** Sequences of the other journals. */
  others: Map<string, number> | null;
  windowMs: number;
  /** The bucket of its last add. */
  addedMs: number;
}

/** Clients checked per add for emptied windows. The whole map is checked long before it can double. */
const SWEPT_PER_ADD = 4;

class MemoryWindow implements WindowStore {
  readonly #bucketSeconds: number;
  #clients = new Map<string, ClientWindow>();
  #sweep = this.#clients.entries();
  #epoch: number | null = null;
  #rebuilding: number | null = null;
  readonly #sequences = new Map<string, number>();

  constructor(bucketSeconds: number) {
    this.#bucketSeconds = bucketSeconds;
  }

  async base(journalId: string): Promise<WindowBase | null> {
    if (this.#epoch === null) return null;
    return { epoch: this.#epoch, lastSequence: this.#sequences.get(journalId) ?? 0 };
  }

  async add(
    journalId: string,
    lastSequence: number,
    adds: readonly WindowAdd[],
    nowMs: number,
  ): Promise<readonly Total[]> {
    this.#demandLife();
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    const totals = adds.map((add) => this.#addOne(journalId, lastSequence, add, nowBucketMs));
    this.#sequences.set(journalId, Math.max(lastSequence, this.#sequences.get(journalId) ?? 0));
    this.#dropEmpty(SWEPT_PER_ADD * adds.length, nowBucketMs);
    return totals;
  }

  async totals(
    clients: ReadonlyArray<{ readonly clientId: string; readonly windowMs: number }>,
    nowMs: number,
  ): Promise<readonly Total[]> {
    this.#demandLife();
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    return clients.map(({ clientId, windowMs }) => {
      const client = this.#clients.get(clientId);
      const asOfMs = client?.queue.roll(nowBucketMs, windowMs) ?? nowBucketMs;
      return totalOf(clientId, client?.queue, asOfMs);
    });
  }

  /** Never null: no other process rebuilds it, and a failed rebuild is simply started over. */
  async beginRebuild(nowMs: number): Promise<number> {
    this.#rebuilding = Math.max(nowMs, (this.#rebuilding ?? 0) + 1);
    this.#epoch = null;
    this.#clients = new Map();
    this.#sweep = this.#clients.entries();
    this.#sequences.clear();
    return this.#rebuilding;
  }

  async restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void> {
    if (epoch !== this.#rebuilding) return;
    const nowBucketMs = bucketOf(nowMs, this.#bucketSeconds);
    for (const add of clients) {
      this.#clients.delete(add.clientId);
      this.#clientOf(add).queue.addAll(add.posts, nowBucketMs, add.windowMs);
    }
  }

  async endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void> {
    if (epoch !== this.#rebuilding) return;
    for (const [journalId, sequence] of sequences) this.#sequences.set(journalId, sequence);
    this.#epoch = epoch;
  }

  /** No other process shares this window. */
  async watch(): Promise<() => Promise<void>> {
    return async () => {};
  }

  async close(): Promise<void> {}

  /** Throws `window_lost` if the window has not been rebuilt. */
  #demandLife(): void {
    if (this.#epoch !== null) return;
    throw new WindowError(
      'window_lost',
      'The window in memory is empty until it is rebuilt from the ledger.',
    );
  }

  #addOne(journalId: string, lastSequence: number, add: WindowAdd, nowBucketMs: number): Total {
    const client = this.#clientOf(add);
    const adds = note(client, journalId, lastSequence) ? add.posts : [];
    client.addedMs = nowBucketMs;
    const asOfMs = client.queue.addAll(adds, nowBucketMs, add.windowMs);
    return totalOf(add.clientId, client.queue, asOfMs);
  }

  #clientOf(add: WindowAdd): ClientWindow {
    let client = this.#clients.get(add.clientId);
    if (!client) {
      client = {
        queue: new BucketQueue(),
        journalId: null,
        sequence: 0,
        others: null,
        windowMs: add.windowMs,
        addedMs: 0,
      };
      this.#clients.set(add.clientId, client);
    }
    client.windowMs = add.windowMs;
    return client;
  }

  /** Checks a few clients at a time in rotation, so that inactive ones use no memory and no call takes long. */
  #dropEmpty(count: number, nowBucketMs: number): void {
    for (let i = 0; i < count; i += 1) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#clients.entries();
        return;
      }
      const [clientId, client] = next.value;
      client.queue.roll(nowBucketMs, client.windowMs);
      // A client emptied by a move keeps its sequences until a replay could add nothing to the window.
      const isSilent = client.addedMs <= nowBucketMs - client.windowMs;
      if (client.queue.isEmpty && isSilent) this.#clients.delete(clientId);
    }
  }
}

/** Notes the sequence. Returns false if the client already has it. */
function note(client: ClientWindow, journalId: string, sequence: number): boolean {
  client.journalId ??= journalId;
  if (journalId === client.journalId) {
    if (sequence <= client.sequence) return false;
    client.sequence = sequence;
    return true;
  }
  client.others ??= new Map();
  if (sequence <= (client.others.get(journalId) ?? 0)) return false;
  client.others.set(journalId, sequence);
  return true;
}

function totalOf(clientId: string, queue: BucketQueue | undefined, asOfMs: number): Total {
  return { clientId, posts: Math.max(0, queue?.sum ?? 0), oldestMs: queue?.oldestMs, asOfMs };
}
