/** Reads what a GraphQL request asks for, while its body passes to the upstream. */

import type { JsonPlan } from '../json/plan.ts';
import type { GraphqlPlan } from './plan.ts';

/** A request that was read. */
export interface AskedFor {
  /** Where the posts are in the response; null where the request does not say it in a way that can be read. */
  planFor(plan: GraphqlPlan): JsonPlan | null;
}

export class GraphqlRequest implements AskedFor {
  /**
   * @param target path and query, as they were sent.
   * @param headers flat list, as they were received.
   */
  constructor(_method: string, _target: string, _headers: readonly string[]) {}

  /** A chunk of the request's body, which is not kept beyond its bound. */
  write(_chunk: Uint8Array): void {}

  /** The request's body is whole. */
  end(): void {}

  planFor(_plan: GraphqlPlan): JsonPlan | null {
    return null;
  }
}
