/**
 * Counts the entries of a feed regardless of its media type: XML by its root element, JSON by its `version` member. A
 * body that is not a feed (a page, a sitemap, an OPML list, an image) holds no entries; on a route that promises a
 * feed it is uncounted.
 */

import type { BodyForm } from '../form/body-form.ts';
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
  readonly #beginning = new HeldBeginning((held, form, xmlAt) => this.#begin(held, form, xmlAt));
  #xml: XmlCounter | null = null;
  #json: NoisyJsonCounter | null = null;
  #version: JsonFeedVersion | null = null;
  failure: UncountedReason | undefined;
  /** True if the body is known not to be a feed, and that is not a fault. */
  isOver = false;

  constructor(plan: FeedPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
  }

  write(chunk: Uint8Array): void {
    if (this.isOver || this.failure !== undefined) return;
    if (!this.#beginning.takes(chunk)) this.#read(chunk);
  }

  end(): void {
    this.#beginning.end();
    if (this.isOver || this.failure !== undefined) return;
    this.#xml?.end();
    this.#json?.end();
    this.#version?.end();
    this.#check();
    if (this.#json !== null && !this.#version!.isFeed) this.#other('shape');
  }

  /** A JSON body that was cut before its version is not known to be a feed. */
  cut(): void {
    this.#beginning.end();
    if (this.#json !== null && !this.#version!.isFeed) this.#found.revert();
  }

  #begin(held: Uint8Array, form: BodyForm, xmlAt: number): void {
    if (form === 'json') {
      this.#json = new NoisyJsonCounter(this.#plan.json, this.#found);
      this.#version = new JsonFeedVersion();
    } else this.#xml = new XmlCounter(this.#plan.xml, this.#found);
    this.#read(held.subarray(xmlAt));
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
    if (isFeed) this.failure = failure;
    else this.#other(failure);
  }

  #other(failure: UncountedReason): void {
    this.#found.revert();
    this.isOver = this.#plan.isOptional;
    if (!this.isOver) this.failure = failure;
  }
}
