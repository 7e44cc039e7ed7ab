/** Explains the count of one body: what each selector found, and why items were excluded. */

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
  readonly #rows: ReadonlyMap<SelectorRule, Outcomes>;

  constructor(selectors: readonly SelectorRule[]) {
    const none = (): Outcomes => ({ counted: 0, switched_off: 0, duplicate: 0 });
    this.#rows = new Map(selectors.map((selector) => [selector, none()]));
  }

  readonly explain: Explain = (selector, outcome) => {
    const row = this.#rows.get(selector);
    if (row !== undefined) row[outcome]++;
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
