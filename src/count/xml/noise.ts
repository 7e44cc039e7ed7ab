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
  readonly #beginning = new HeldBeginning((held, _form, xmlAt) => this.#xml.write(held.subarray(xmlAt)));

  constructor(plan: XmlPlan, found: PostCount) {
    this.#xml = new XmlCounter(plan, found);
  }

  get failure(): UncountedReason | undefined {
    return this.#xml.failure;
  }

  write(chunk: Uint8Array): void {
    if (!this.#beginning.takes(chunk)) this.#xml.write(chunk);
  }

  end(): void {
    this.#beginning.end();
    this.#xml.end();
  }

  cut(): void {
    this.#beginning.end();
  }
}
