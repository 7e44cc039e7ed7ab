/**
 * Counts posts in XML that may follow noise, such as a PHP warning. Without XML after it, the body is read unchanged.
 */

import { HeldBeginning } from '../form/held-beginning.ts';
import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { XmlCounter } from './counter.ts';
import type { XmlPlan } from './plan.ts';

export class NoisyXmlCounter implements FormatCounter {
  readonly #xml: XmlCounter;
  /** Null once the start of the XML is known. */
  #beginning: HeldBeginning | null = new HeldBeginning();

  constructor(plan: XmlPlan, found: PostCount) {
    this.#xml = new XmlCounter(plan, found);
  }

  get failure(): UncountedReason | undefined {
    return this.#xml.failure;
  }

  write(chunk: Uint8Array): void {
    if (this.#beginning === null) this.#xml.write(chunk);
    else {
      const held = this.#beginning.read(chunk);
      if (held !== null) this.#begin(held);
    }
  }

  end(): void {
    if (this.#beginning !== null) this.#begin(this.#beginning.end());
    this.#xml.end();
  }

  cut(): void {
    if (this.#beginning !== null) this.#begin(this.#beginning.end());
  }

  #begin(held: Uint8Array): void {
    const { at } = this.#beginning!;
    this.#beginning = null;
    this.#xml.write(held.subarray(at));
  }
}
