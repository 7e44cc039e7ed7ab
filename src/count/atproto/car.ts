/**
 * Counts posts in a CAR, as `com.atproto.sync.getRepo` and similar methods return it: every block that is a record of
 * a type in the route. A block that is not DAG-CBOR is skipped; the others count.
 */

import { code as DAG_CBOR } from '@ipld/dag-cbor';
import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { UncountedReason } from '../uncounted.ts';
import { CarBlocks, decodedBlock } from './car-blocks.ts';
import { type RecordPlan, selectorOf } from './plan.ts';

/**
 * A block that a CAR repeats counts once if the repeat is among this many posts. A later repeat was served twice and
 * counts again. The set takes about 40 bytes per post.
 */
const MAX_SEEN = 65_536;

export class CarCounter implements FormatCounter {
  failure: UncountedReason | undefined;
  flaw: UncountedReason | undefined;
  readonly #plan: RecordPlan;
  readonly #found: PostCount;
  readonly #blocks = new CarBlocks((codec, cid, bytes) => this.#readBlock(codec, cid, bytes));
  readonly #id = new PostId();
  readonly #seen = new Set<number>();

  constructor(plan: RecordPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
  }

  write(chunk: Uint8Array): void {
    this.#blocks.write(chunk);
    this.failure = this.#blocks.fault;
  }

  end(): void {
    if (!this.#blocks.isWhole) this.failure ??= 'truncated';
  }

  #readBlock(codec: number, cid: Uint8Array, bytes: Uint8Array): void {
    if (codec !== DAG_CBOR) return;
    const value = decodedBlock(bytes);
    if (value === undefined) {
      this.flaw = 'frame';
      return;
    }
    const selector = selectorOf(this.#plan, value);
    if (selector < 0) return;
    this.#id.read(cid, 0, cid.length);
    if (this.#isNew()) this.#found.found(selector, this.#id);
  }

  #isNew(): boolean {
    const { key } = this.#id;
    if (this.#seen.has(key)) return false;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(key);
    return true;
  }
}
