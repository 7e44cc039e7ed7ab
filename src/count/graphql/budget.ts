/** The work that one GraphQL request may cause, whatever number of documents it holds. */

/** What is left of it. Documents that are remembered cost nothing. */
export interface Budget {
  /** Tokens that are parsed. 30,000 take some 20 ms. */
  tokens: number;
  /** Selections that are looked at, each as often as fragments repeat it. 40,000 take some 50 ms. */
  visits: number;
}

export function fullBudget(): Budget {
  return { tokens: 30_000, visits: 40_000 };
}

/** Too little is left to plan any document. */
export function isSpent({ tokens, visits }: Budget): boolean {
  return tokens <= 0 || visits <= 0;
}
