/**
 * Counts the entries of a feed regardless of its media type: XML by its root element, JSON by its `version` member. A
 * body that is not a feed (a page, a sitemap, an OPML list, an image) holds no entries; on a route that promises a
 * feed it is uncounted.
 */

import { HeldBeginning } from '../form/held-beginning.ts';
import type { FormatCounter } from '../format-counter.ts';
import { NoisyJsonCounter } from '../json/skip/noise.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { XmlCounter } from '../xml/counter.ts';
import type { FeedPlan } from './plan.ts';
import { JsonFeedVersion } from './version.ts';

export class FeedCounter implements FormatCounter {
  readonly #plan: FeedPlan;
  readonly #found: PostCount;
  /** Null once the kind of body is known. */
  #beginning: HeldBeginning | null = new HeldBeginning();
  #xml: XmlCounter | null = null;
  #json: NoisyJsonCounter | null = null;
  #version: JsonFeedVersion | null = null;
  #failure: UncountedReason | undefined;
  /** True if the body is known not to be a feed, and that is not a fault. */
  #isOther = false;

  constructor(plan: FeedPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
  }

  get failure(): UncountedReason | undefined {
    return this.#failure;
  }

  get isOver(): boolean {
    return this.#isOther;
  }

  write(chunk: Uint8Array): void {
    if (this.#isOther || this.#failure !== undefined) return;
    if (this.#beginning === null) this.#read(chunk);
    else {
      const held = this.#beginning.read(chunk);
      if (held !== null) this.#begin(this.#beginning, held);
    }
  }

  end(): void {
    this.#endBeginning();
    if (this.#isOther || this.#failure !== undefined) return;
    this.#xml?.end();
    this.#json?.end();
    this.#version?.end();
    this.#check();
    if (this.#json !== null && !this.#version!.isFeed) this.#other('shape');
  }

  /** A JSON body that was cut before its version is not known to be a feed. */
  cut(): void {
    this.#endBeginning();
    if (this.#json !== null && !this.#version!.isFeed) this.#found.revert();
  }

  #endBeginning(): void {
    if (this.#beginning !== null) this.#begin(this.#beginning, this.#beginning.end());
  }

  #begin({ form, at }: HeldBeginning, held: Uint8Array): void {
    this.#beginning = null;
    if (form === 'json') {
      this.#json = new NoisyJsonCounter(this.#plan.json, this.#found);
      this.#version = new JsonFeedVersion();
    } else this.#xml = new XmlCounter(this.#plan.xml, this.#found);
    this.#read(held.subarray(at));
  }

  #read(text: Uint8Array): void {
    this.#xml?.write(text);
    this.#json?.write(text);
    this.#version?.write(text);
    this.#check();
  }

  #check(): void {
    const failure = this.#xml?.failure ?? this.#json?.failure;
    if (failure === undefined) return;
    const isFeed = this.#xml?.hasPromisedRoot ?? this.#version?.isFeed;
    if (isFeed) this.#failure = failure;
    else this.#other(failure);
  }

  #other(failure: UncountedReason): void {
    this.#found.revert();
    this.#isOther = this.#plan.isOptional;
    if (!this.#isOther) this.#failure = failure;
  }
}
