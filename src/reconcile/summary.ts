/** The result of a comparison, summed up row by row. */

import { COMPARISON_STATES, type ComparisonState, type Row } from './compare.ts';

export interface ListedClient {
  readonly clientId: string;
  posts: number;
  requests: number;
}

/** Limits the clients that are listed: those in only one source can be as many as the addresses of a flood. */
const NAMED_CLIENTS = 1_000;

export class Summary {
  readonly rows: Record<ComparisonState, number> = {
    ledger_has_more: 0,
    ledger_has_less: 0,
    requests: 0,
    edge: 0,
    equal: 0,
  };
  /** Excess and deficit of the ledger's posts in the rows that differ. */
  morePosts = 0;
  lessPosts = 0;
  /** The ledger's excess over all rows at an edge; 0 if posts only moved between hours. */
  edgePosts = 0;
  readonly posts = { ledger: 0, log: 0 };
  readonly requests = { ledger: 0, log: 0 };
  readonly bytes = { ledger: 0, log: 0 };
  /** Clients that only one source contains, by id; the first thousand of each. */
  readonly onlyIn = { ledger: new Map<string, ListedClient>(), log: new Map<string, ListedClient>() };

  add(row: Row): void {
    const { ledger, log, state } = row;
    this.rows[state]++;
    const more = ledger.posts - log.posts;
    if (state === 'ledger_has_more') this.morePosts += more;
    if (state === 'ledger_has_less') this.lessPosts -= more;
    if (state === 'edge') this.edgePosts += more;
    for (const count of ['posts', 'requests', 'bytes'] as const) {
      this[count].ledger += ledger[count];
      this[count].log += log[count];
    }
    if (row.onlyIn !== null) this.#name(row, row.onlyIn);
  }

  /** Whether an operator has to look. `requests`: whether the requests must match too. */
  differs(requests: boolean): boolean {
    return this.rows.ledger_has_more + this.rows.ledger_has_less + (requests ? this.rows.requests : 0) > 0;
  }

  get compared(): number {
    return COMPARISON_STATES.reduce((sum, state) => sum + this.rows[state], 0);
  }

  /**
   * True if the comparison proves nothing: there was nothing to compare, or all of it may lie on the other side of a
   * boundary of the range and the sums differ.
   */
  get isInconclusive(): boolean {
    return this.compared === 0 || (this.rows.edge === this.compared && this.edgePosts !== 0);
  }

  #name({ clientId, ...row }: Row, source: 'ledger' | 'log'): void {
    const named = this.onlyIn[source];
    let sum = named.get(clientId);
    if (sum === undefined) {
      if (named.size >= NAMED_CLIENTS) return;
      sum = { clientId, posts: 0, requests: 0 };
      named.set(clientId, sum);
    }
    sum.posts += row[source].posts;
    sum.requests += row[source].requests;
  }
}
