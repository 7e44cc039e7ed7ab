/**
 * The usage of one client on its way from an isolate to the client's object: what is under way, what gathers behind
 * it, and when that goes. One parcel at a time, so that its sequence alone tells the object whether it is new.
 */

import type { Usage } from '../../../meter/usage.ts';
import { addUp } from '../../../meter/usage-sums.ts';
import { RequestRate } from './request-rate.ts';

/** What one call takes to the object. Sent again it is the same, under the same sequence. */
export interface Parcel {
  readonly sequence: number;
  readonly usage: readonly Usage[];
  readonly posts: number;
}

export type NextStep =
  /** A parcel is to be sent now: `take` it. */
  | { readonly kind: 'send' }
  /** It gathers until then (epoch milliseconds), unless more comes. */
  | { readonly kind: 'gather'; readonly untilMs: number }
  /** Nothing gathers, or a parcel is under way: ask again when it has arrived. */
  | { readonly kind: 'none' };

/** A hot client's usage gathers until it is of so many responses, or for so long. */
export const GATHERED = 20;
export const LINGER_MS = 250;

/** While the object is away all gathers here: so many entries are added up from time to time, for memory is short. */
const MAX_ENTRIES = 1_000;
/** In one parcel; an id is 8 bytes. Beyond it posts count all the same, as posts without a known id. */
const MAX_IDS = 100_000;

const SEND: NextStep = { kind: 'send' };
const NONE: NextStep = { kind: 'none' };

export class Gathering {
  readonly #rate = new RequestRate();
  #gathered: Usage[] = [];
  #responses = 0;
  #ids = 0;
  #gatheredPosts = 0;
  #sinceMs = 0;
  #underWay: Parcel | null = null;
  #lastSequence = 0;

  /** Posts that the object has not answered for yet. */
  get unanswered(): number {
    return this.#gatheredPosts + (this.#underWay?.posts ?? 0);
  }

  get isEmpty(): boolean {
    return this.#underWay === null && this.#gathered.length === 0;
  }

  /** Posts that no parcel has yet. */
  get gatheredPosts(): number {
    return this.#gatheredPosts;
  }

  get underWay(): Parcel | null {
    return this.#underWay;
  }

  add(usage: Usage, nowMs: number): void {
    this.#rate.saw(nowMs);
    if (this.#responses === 0) this.#sinceMs = nowMs;
    this.#responses++;
    this.addPart(usage);
  }

  /** Usage of a stream that runs on: it goes with the next parcel, and its sender says when it must go. */
  addPart(usage: Usage): void {
    this.#gatheredPosts += usage.posts;
    this.#gathered.push(this.#withinBound(usage));
    if (this.#gathered.length > MAX_ENTRIES) this.#gathered = addUp(this.#gathered);
  }

  next(nowMs: number): NextStep {
    if (this.#underWay !== null || this.#gathered.length === 0) return NONE;
    if (this.#responses === 0) return SEND;
    const untilMs = this.#sinceMs + LINGER_MS;
    if (this.#responses >= GATHERED || nowMs >= untilMs || !this.#rate.isHot(nowMs)) return SEND;
    return { kind: 'gather', untilMs };
  }

  /** All that has gathered; it is under way until `arrived`. Only where `next` said so. */
  take(): Parcel {
    const usage = addUp(this.#gathered);
    const parcel = { sequence: ++this.#lastSequence, usage, posts: this.#gatheredPosts };
    this.#gathered = [];
    this.#responses = 0;
    this.#ids = 0;
    this.#gatheredPosts = 0;
    this.#underWay = parcel;
    return parcel;
  }

  /** @returns false where it had arrived already: it was sent twice, and this is the later answer. */
  arrived(parcel: Parcel): boolean {
    if (this.#underWay !== parcel) return false;
    this.#underWay = null;
    return true;
  }

  #withinBound(usage: Usage): Usage {
    if (usage.ids === undefined) return usage;
    const ids = this.#ids + usage.ids.length / 2;
    if (ids <= MAX_IDS) {
      this.#ids = ids;
      return usage;
    }
    const { ids: _dropped, ...rest } = usage;
    return rest;
  }
}
