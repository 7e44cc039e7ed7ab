/** Explains the count of one body: what each selector found, and why items were excluded. */

import type { ObserverOf } from './create-counter.ts';
import type { ReadableRule } from './formats.ts';
import type { Explain, SelectorRule } from './post-count.ts';

export interface ExplainedSelector {
  /** As the operator wrote it. */
  readonly selector: string;
  readonly kind: SelectorRule['kind'];
  readonly counted: number;
  /** Found, but its kind does not count here. */
  readonly switchedOff: number;
  /** Found, but an embedded copy of a post that already counts, or one without an id. */
  readonly duplicates: number;
}

type Outcomes = Record<Parameters<Explain>[1], number>;

export class Explanation {
  /** The rule that reads the body; null before it is known, and if the body is not read. */
  rule: ReadableRule | null = null;
  readonly #rows = new Map<SelectorRule, Outcomes>();

  /** Observes the counter of the body. */
  readonly observerOf: ObserverOf = (rule) => {
    this.rule = rule;
    for (const one of rule.selectors) this.#rows.set(one, { counted: 0, switched_off: 0, duplicate: 0 });
    const explain: Explain = (selector, outcome) => void this.#rows.get(selector)![outcome]++;
    return { explain };
  };

  /** In the order of the route's `posts`. For a body that could not be counted: the items before the fault. */
  selectors(): readonly ExplainedSelector[] {
    return [...this.#rows].map(([{ text, kind }, row]) => ({
      selector: text,
      kind,
      counted: row.counted,
      switchedOff: row.switched_off,
      duplicates: row.duplicate,
    }));
  }
}
