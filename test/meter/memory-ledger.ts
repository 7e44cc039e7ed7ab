/** A ledger in memory: usage summed per identifier and bucket, and the last sequence of each journal. */

import { plus } from '../../src/meter/batch.ts';
import { leavesOf, usageOf } from '../../src/meter/chain/leaves.ts';
import type { Parking, PostsPage, Taken, TakenBatch, UsageBatch, UsageLedger } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';

export class MemoryLedger implements UsageLedger {
  readonly usage = new Map<string, Usage>();
  readonly parked: Parking[] = [];
  readonly batches = new Map<string, TakenBatch[]>();
  readonly #sequences = new Map<string, number>();

  async take(batch: UsageBatch): Promise<number> {
    const last = this.#sequences.get(batch.journalId) ?? 0;
    if (batch.firstSequence !== last + 1) return last;
    for (const one of batch.usage) this.#add(one);
    this.#keep(batch.journalId, { ...batch, kind: 'usage', leaves: leavesOf(batch.usage) });
    return batch.lastSequence;
  }

  /** As a copy of itself has it that lacks everything after this record. */
  loseAfter(journalId: string, sequence: number): void {
    const all = this.batches.get(journalId) ?? [];
    const kept = all.filter(({ lastSequence }) => lastSequence <= sequence);
    this.usage.clear();
    this.batches.delete(journalId);
    this.#sequences.delete(journalId);
    for (const batch of kept) {
      for (const one of usageOf(batch.leaves)) this.#add(one);
      this.#keep(journalId, batch);
    }
  }

  #add(one: Usage): void {
    const key = `${one.clientId} ${one.identifierId} ${one.bucketMs}`;
    const sum = this.usage.get(key);
    this.usage.set(key, sum ? plus(sum, one) : one);
  }

  #keep(journalId: string, batch: TakenBatch): void {
    this.#sequences.set(journalId, batch.lastSequence);
    this.batches.set(journalId, [...(this.batches.get(journalId) ?? []), batch]);
  }

  async taken(journalId: string, afterSequence: number, limit: number): Promise<Taken> {
    const all = this.batches.get(journalId) ?? [];
    const batches = all.filter(({ lastSequence }) => lastSequence > afterSequence).slice(0, limit);
    return { chainedFrom: 0, batches };
  }

  async skipLost(journalId: string, firstSequence: number, lastSequence: number, reason: string) {
    await this.park([{ clientId: null, code: 'records_lost', reason }]);
    this.#keep(journalId, { firstSequence, lastSequence, kind: 'lost', leaves: [] });
    return lastSequence;
  }

  async park(parkings: readonly Parking[]): Promise<void> {
    this.parked.push(...parkings);
  }

  async clockMs(): Promise<number> {
    return Date.now();
  }

  async lastSequence(journalId: string): Promise<number> {
    return this.#sequences.get(journalId) ?? 0;
  }

  /** In small pages, so that a client goes over their edges. */
  async *posts(fromMs: number): AsyncIterable<PostsPage> {
    const sequences = new Map(this.#sequences);
    const all = [...this.usage.values()]
      .filter((one) => one.bucketMs >= fromMs && one.posts > 0)
      .sort((a, b) => (a.clientId < b.clientId ? -1 : a.clientId > b.clientId ? 1 : a.bucketMs - b.bucketMs));
    for (let at = 0; at === 0 || at < all.length; at += 3) {
      yield {
        sequences,
        posts: all.slice(at, at + 3).map(({ clientId, bucketMs, posts }) => ({ clientId, bucketMs, posts })),
      };
    }
  }
}
