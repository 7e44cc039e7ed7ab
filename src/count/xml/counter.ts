/**
 * Counts posts in XML and feeds. A document whose root is not one that the route promises is 'shape'. A document that
 * does not begin as XML, or continues after its root, is 'not_xml'.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { SniffedText } from '../text/sniffed-text.ts';
import type { UncountedReason } from '../uncounted.ts';
import { xmlEncoding } from './encoding.ts';
import type { XmlPlan } from './plan.ts';
import { Prolog } from './prolog.ts';
import { XmlSax } from './sax.ts';
import { XmlWalk } from './walk.ts';

export class XmlCounter implements FormatCounter {
  failure: UncountedReason | undefined;
  readonly #decoder = new SniffedText(xmlEncoding);
  readonly #walk: XmlWalk;
  readonly #sax: XmlSax;
  /** Null from the root on. */
  #prolog: Prolog | null = new Prolog();

  constructor(plan: XmlPlan, found: PostCount) {
    this.#walk = new XmlWalk(plan, found);
    this.#sax = new XmlSax(this.#walk, plan.readsText);
  }

  /** Whether the root is one that the route promises. */
  get hasPromisedRoot(): boolean {
    return this.#walk.hasPromisedRoot;
  }

  write(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    this.#read(this.#decoder.decode(chunk));
    if (this.#decoder.isUnknown) this.failure = 'encoding';
  }

  #read(text: string): void {
    let rest: string | null = text;
    if (this.#prolog !== null) {
      rest = this.#prolog.read(text);
      if (this.#prolog.isFaulty) this.failure = 'not_xml';
      if (rest === null) return;
      this.#prolog = null;
    }
    this.#sax.write(rest);
    this.failure = this.#walk.failure;
  }

  end(): void {
    if (this.failure !== undefined) return;
    this.#read(this.#decoder.end());
    if (this.#decoder.isUnknown) this.failure ??= 'encoding';
    this.#sax.end();
    this.#walk.end();
    this.failure ??= this.#walk.failure;
  }
}
