/** One GraphQL request and its answer, counted as the gateway would. */

import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { nodeDecoders } from '../../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../../src/count/count-decision.ts';
import type { CountResult } from '../../../src/count/counter.ts';
import { createCounter } from '../../../src/count/create-counter.ts';
import { GraphqlRequest } from '../../../src/count/graphql/request.ts';
import { matchRoute } from '../../../src/count/route/match.ts';
import type { CompiledRoutes } from '../../../src/count/route/rule.ts';
import type { Route } from '../../../src/count/route/schema.ts';
import { routesOf } from '../rules.ts';

export interface Asking {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  /** Of the request. */
  readonly body?: string | Uint8Array;
  /** Bytes in a chunk, of request and response. */
  readonly chunkBytes?: number;
  /** Media type of the response. */
  readonly answerType?: string;
  /** Neither body comes to its end. */
  readonly isCut?: boolean;
}

/** Names of fields, or whole entries. */
export function graphqlRoutes(
  entries: ReadonlyArray<string | object>,
  route: Partial<Route> = {},
): CompiledRoutes {
  const posts = entries.map((entry) => (typeof entry === 'string' ? { graphql: entry } : entry));
  return routesOf({ path: '/graphql', format: 'graphql', posts: posts as Route['posts'], ...route });
}

export function countAnswer(routes: CompiledRoutes, response: unknown, asking: Asking): CountResult {
  const { method = 'POST', target = '/graphql', headers = [], chunkBytes = 1 << 20 } = asking;
  const { answerType: contentType = 'application/json' } = asking;
  const request = new GraphqlRequest(method, target, headers, sha256Hex, 256 * 1024);
  for (const chunk of pieces(asking.body ?? '', chunkBytes)) request.write(chunk);
  if (!asking.isCut) request.end();
  const fields = { declaredCount: undefined, contentType, contentEncoding: undefined };
  const decision = decide(method, 200, fields, matchRoute(routes, method, target), request);
  const counter = createCounter(
    decision,
    nodeDecoders,
    { maxDecodedBytes: 1 << 30, wantsIds: true },
    () => {},
  );
  const body = typeof response === 'string' ? response : JSON.stringify(response);
  for (const chunk of pieces(body, chunkBytes)) counter.write(chunk);
  let result: CountResult | undefined;
  counter[asking.isCut ? 'abort' : 'end']((counted) => {
    result = counted;
  });
  return result!;
}

/** Posts of the response to a document, or the reason why they are not counted. */
export function postsIn(routes: CompiledRoutes, query: string, data: unknown, rest: object = {}): unknown {
  const { posts, uncounted } = countAnswer(routes, { data }, { body: JSON.stringify({ query, ...rest }) });
  return uncounted ?? posts;
}

/** Each chunk is in a buffer that is overwritten afterwards, because no counter may keep a chunk. */
function* pieces(body: string | Uint8Array, bytes: number): Generator<Uint8Array> {
  const all = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  for (let at = 0; at < all.length; at += bytes) {
    const piece = all.slice(at, at + bytes);
    yield piece;
    piece.fill(0x20);
  }
}
