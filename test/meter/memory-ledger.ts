/** A ledger in memory: usage summed per identifier and bucket, and the last sequence of each journal. */

import { plus } from '../../src/meter/batch.ts';
import type { PostsPage, UsageBatch, UsageLedger } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';

export class MemoryLedger implements UsageLedger {
  readonly usage = new Map<string, Usage>();
  readonly #sequences = new Map<string, number>();

  async take(batch: UsageBatch): Promise<number> {
    const last = this.#sequences.get(batch.journalId) ?? 0;
    if (batch.firstSequence !== last + 1) return last;
    for (const one of batch.usage) {
      const key = `${one.clientId} ${one.identifierId} ${one.bucketMs}`;
      const sum = this.usage.get(key);
      this.usage.set(key, sum ? plus(sum, one) : one);
    }
    this.#sequences.set(batch.journalId, batch.lastSequence);
    return batch.lastSequence;
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
