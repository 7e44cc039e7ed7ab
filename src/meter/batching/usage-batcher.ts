/**
 * Decides which usage of a client one call takes from an isolate to the client's object, and when. One batch is in flight
 * at a time, so that its sequence alone tells the object whether it is new.
 */

import type { Usage } from '../usage.ts';
import { addUp } from '../usage-sums.ts';
import { RequestRate } from './request-rate.ts';

/** The usage of one call. A retry sends the same batch under the same sequence. */
export interface ClientBatch {
  readonly sequence: number;
  readonly usage: readonly Usage[];
  readonly posts: number;
}

export type NextStep =
  /** The next batch is due. */
  | { readonly kind: 'send' }
  /** Usage lingers until then (epoch milliseconds), unless a batch is full earlier. */
  | { readonly kind: 'linger'; readonly untilMs: number }
  /** Nothing is collected, or a batch is in flight. */
  | { readonly kind: 'none' };

/** Usage of a hot client is collected until it is of this many responses. */
export const BATCH_SIZE = 20;
/** Longest time for which usage of a hot client is collected. */
export const LINGER_MS = 250;

/** While the object is unreachable, usage accumulates here. Beyond this many entries it is added up to save memory. */
const MAX_ENTRIES = 1_000;
/** Post ids per batch, 8 bytes each. Beyond it, posts count as posts without a known id. */
const MAX_IDS = 100_000;

const SEND: NextStep = { kind: 'send' };
const NONE: NextStep = { kind: 'none' };

export class UsageBatcher {
  readonly #rate = new RequestRate();
  #collected: Usage[] = [];
  #responses = 0;
  #ids = 0;
  #collectedPosts = 0;
  #sinceMs = 0;
  #inFlight: ClientBatch | null = null;
  #lastSequence = 0;

  /** Posts that the object has not confirmed yet. */
  get unconfirmedPosts(): number {
    return this.#collectedPosts + (this.#inFlight?.posts ?? 0);
  }

  /** Posts that are not in a batch yet. */
  get collectedPosts(): number {
    return this.#collectedPosts;
  }

  /** True if nothing is collected or in flight. */
  get isEmpty(): boolean {
    return this.#inFlight === null && this.#collected.length === 0;
  }

  get inFlight(): ClientBatch | null {
    return this.#inFlight;
  }

  /** Adds the usage of a finished response. */
  add(usage: Usage, nowMs: number): void {
    this.#rate.observe(nowMs);
    if (this.#responses === 0) this.#sinceMs = nowMs;
    this.#responses++;
    this.addPart(usage);
  }

  /** Adds usage of a running stream. It is part of the next batch, and the caller decides when that is due. */
  addPart(usage: Usage): void {
    this.#collectedPosts += usage.posts;
    this.#collected.push(this.#withinIdLimit(usage));
    if (this.#collected.length > MAX_ENTRIES) this.#collected = addUp(this.#collected);
  }

  nextStep(nowMs: number): NextStep {
    if (this.#inFlight !== null || this.#collected.length === 0) return NONE;
    if (this.#responses === 0) return SEND;
    const untilMs = this.#sinceMs + LINGER_MS;
    if (this.#responses >= BATCH_SIZE || nowMs >= untilMs || !this.#rate.isHot(nowMs)) return SEND;
    return { kind: 'linger', untilMs };
  }

  /** Makes a batch of everything collected. It is in flight until `confirm`. No other batch may be in flight. */
  take(): ClientBatch {
    const usage = addUp(this.#collected);
    const batch = { sequence: ++this.#lastSequence, usage, posts: this.#collectedPosts };
    this.#collected = [];
    this.#responses = 0;
    this.#ids = 0;
    this.#collectedPosts = 0;
    this.#inFlight = batch;
    return batch;
  }

  /** The object has the batch. Returns false if it was confirmed before, which happens if it was sent twice. */
  confirm(batch: ClientBatch): boolean {
    if (this.#inFlight !== batch) return false;
    this.#inFlight = null;
    return true;
  }

  #withinIdLimit(usage: Usage): Usage {
    if (usage.ids === undefined) return usage;
    const ids = this.#ids + usage.ids.length / 2;
    if (ids <= MAX_IDS) {
      this.#ids = ids;
      return usage;
    }
    const { ids: _dropped, ...withoutIds } = usage;
    return withoutIds;
  }
}
