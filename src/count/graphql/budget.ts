/** Limits the work that one GraphQL request may cause, regardless of its number of documents. */

/** The remaining budget. Cached documents cost nothing. */
export interface Budget {
  /** Tokens to parse. 30,000 take some 20 ms. */
  tokens: number;
  /** Selections to visit, counting each repetition by fragments. 40,000 take some 50 ms. */
  visits: number;
}

export function fullBudget(): Budget {
  return { tokens: 30_000, visits: 40_000 };
}

/** True if the budget does not suffice to plan any document. */
export function isSpent({ tokens, visits }: Budget): boolean {
  return tokens <= 0 || visits <= 0;
}
