/** What a preset finds in an answer of its platform: how many items of each kind, as the gateway would count them. */

import { expect } from 'vitest';
import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { nodeDecoders } from '../../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../../src/count/count-decision.ts';
import type { CountResult } from '../../../src/count/counter.ts';
import { createCounter } from '../../../src/count/create-counter.ts';
import { GraphqlRequest } from '../../../src/count/graphql/request.ts';
import { DEFAULT_KINDS, KINDS, type Kind, type Kinds, withKinds } from '../../../src/count/kinds.ts';
import { presetRoutes } from '../../../src/count/presets/presets.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';
import { candidatesFor, matchRoute, rulesFor } from '../../../src/count/route/match.ts';
import { queryOf } from '../../../src/count/route/path.ts';
import { parametersOf } from '../../../src/count/route/query.ts';
import type { CompiledRoutes } from '../../../src/count/route/rule.ts';
import { piecesOf } from '../counting.ts';

export interface Answer {
  readonly target: string;
  readonly method?: string;
  /** 101: the body is messages of the protocol that the connection was handed to. */
  readonly status?: number;
  readonly contentType?: string;
  /** JSON, or text or bytes as they are; several of those are messages. */
  readonly body: unknown;
  /** Of a GraphQL request. */
  readonly question?: unknown;
}

const LIMITS = { maxDecodedBytes: 1024 ** 2, wantsIds: true };
const NONE: Kinds = withKinds(DEFAULT_KINDS, { post: false, reply: false, repost: false });

/** Items by kind, each as if only its kind counted. Kinds without items are left out. */
export type Found = Partial<Record<Kind, number>>;

export class Serving {
  readonly #platform: string;
  readonly #routes = new Map<string, CompiledRoutes>();

  constructor(platform: string) {
    this.#platform = platform;
  }

  /** In one piece and byte by byte, which must be the same. */
  found(answer: Answer): Found | string {
    const found: Found = {};
    for (const kind of KINDS) {
      const result = this.count(answer, withKinds(NONE, { [kind]: true }));
      if (result.uncounted !== undefined) return result.uncounted;
      if (result.posts > 0) found[kind] = result.posts;
    }
    return found;
  }

  /** Whether platforms may read the parameters of a GET in different ways, of which some have posts. */
  isAmbiguous(target: string): boolean {
    const candidates = candidatesFor(this.#routesWith(DEFAULT_KINDS), target);
    return rulesFor(candidates, ['GET'], parametersOf(queryOf(target))) === 'ambiguous';
  }

  /** The ids that unique posts are counted by, of which equal ones are one. */
  different(answer: Answer, kinds: Kinds = DEFAULT_KINDS): number {
    const ids = this.count(answer, kinds).ids ?? new Uint32Array();
    const texts = Array.from({ length: ids.length / 2 }, (_, i) => `${ids[2 * i]}:${ids[2 * i + 1]}`);
    return new Set(texts).size;
  }

  count(answer: Answer, kinds: Kinds): CountResult {
    const isFramed = answer.status === 101;
    const frames = (Array.isArray(answer.body) && isFramed ? answer.body : [answer.body]).map(bytesOf);
    const whole = this.#run(answer, kinds, frames);
    if (!isFramed) expect(this.#run(answer, kinds, [...piecesOf(frames[0]!, 1)])).toEqual(whole);
    return whole;
  }

  #run(answer: Answer, kinds: Kinds, chunks: readonly Uint8Array[]): CountResult {
    const { target, method = 'GET', status = 200, contentType = 'application/json; charset=utf-8' } = answer;
    const head = { declaredCount: undefined, contentType, contentEncoding: undefined };
    const asked = new GraphqlRequest(
      method,
      target,
      ['content-type', 'application/json'],
      sha256Hex,
      256 * 1024,
    );
    if (answer.question !== undefined) asked.write(bytesOf(answer.question));
    asked.end();
    const decision = decide(method, status, head, matchRoute(this.#routesWith(kinds), method, target), asked);
    const counter = createCounter(decision, nodeDecoders, LIMITS, () => {});
    for (const chunk of chunks) counter.write(chunk);
    let result: CountResult | undefined;
    counter.end((counted) => {
      result = counted;
    });
    return result!;
  }

  #routesWith(kinds: Kinds): CompiledRoutes {
    const key = JSON.stringify(kinds);
    let routes = this.#routes.get(key);
    if (routes === undefined) {
      const compiled = compileRoutes(presetRoutes([this.#platform]), kinds);
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
      routes = compiled.routes;
      this.#routes.set(key, routes);
    }
    return routes;
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}
