/**
 * Counts the entries of a feed, whatever its media type says: XML by its root element, JSON by its `version` member.
 * A body that is not a feed (a page, a sitemap, an OPML list, an image) holds no entries; on a route that promises a
 * feed it is uncounted.
 */

import type { FormatCounter } from '../format-counter.ts';
import { isSpace, OPEN_OBJECT } from '../json/bytes.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skipper.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { XmlCounter } from '../xml/counter.ts';
import type { FeedPlan } from './plan.ts';
import { JsonFeedVersion } from './version.ts';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export class FeedCounter implements FormatCounter {
  readonly #plan: FeedPlan;
  readonly #found: PostCount;
  #xml: XmlCounter | null = null;
  #json: JsonScanner | null = null;
  #version: JsonFeedVersion | null = null;
  #failure: UncountedReason | undefined;
  /** It is known that the body is not a feed, and that this is not a fault. */
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
    const text = this.#json === null && this.#xml === null ? this.#begin(chunk) : chunk;
    this.#xml?.write(text);
    this.#json?.write(text);
    this.#version?.write(text);
    this.#check();
  }

  end(): void {
    if (this.#isOther || this.#failure !== undefined) return;
    if (this.#json === null) {
      this.#xml ??= new XmlCounter(this.#plan.xml, this.#found);
      this.#xml.end();
    } else {
      this.#json.end();
      this.#version!.end();
    }
    this.#check();
    if (this.#json !== null && !this.#version!.isFeed) this.#other('shape');
  }

  /** JSON that has not said its version is not known to be a feed. */
  cut(): void {
    if (this.#json !== null && !this.#version!.isFeed) this.#found.revert();
  }

  /** Returns the chunk from the first byte that says what the body is. */
  #begin(chunk: Uint8Array): Uint8Array {
    const at = chunk.findIndex((byte) => !isSpace(byte) && !BYTE_ORDER_MARK.includes(byte));
    if (at === -1) return chunk.subarray(chunk.length);
    if (chunk[at] === OPEN_OBJECT) {
      this.#json = new JsonScanner(this.#plan.json, jsonSkipper, this.#found);
      this.#version = new JsonFeedVersion();
    } else this.#xml = new XmlCounter(this.#plan.xml, this.#found);
    return chunk.subarray(at);
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
