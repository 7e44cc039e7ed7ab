/** A page of a platform that was fetched to see where its posts are, and counting it by rules that are tried. */

import { createCounter } from '../count/counter.ts';
import { type ExplainedSelector, Explanation } from '../count/explanation.ts';
import { decide } from '../count/outcome.ts';
import type { Decoders } from '../count/port.ts';
import { matchRoute } from '../count/route/match.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { UncountedReason } from '../count/uncounted.ts';

export interface ProbedPage {
  /** Path and query, after redirects. */
  readonly target: string;
  /** A redirect to another origin, where the answer was one: it is not followed. */
  readonly leadsTo?: string;
  readonly status: number;
  readonly contentType: string;
  /** Of the `Link` header; empty where there is none. */
  readonly link: string;
  /** Decoded. */
  readonly body: Uint8Array;
}

/** What rules make of a page. */
export interface Attempt {
  readonly posts: number;
  /** The route that held, how it read the body, and which of its selectors found something. */
  readonly route: string;
  readonly format: string;
  readonly selectors: readonly ExplainedSelector[];
  readonly uncounted?: UncountedReason;
}

/** The page is decoded already, so nothing is ever asked of a decoder. */
const NO_DECODERS: Decoders = {
  open() {
    throw new Error('The page is decoded already.');
  },
};
const LIMITS = { maxDecodedBytes: Number.POSITIVE_INFINITY, wantsIds: false };

/** Null where no rule with posts holds for the page. */
export function attempt(page: ProbedPage, routes: CompiledRoutes): Attempt | null {
  const fields = { declaredCount: undefined, contentType: page.contentType, contentEncoding: undefined };
  const decision = decide('GET', page.status, fields, matchRoute(routes, 'GET', page.target));
  if (decision.kind !== 'scan') return null;
  const { rule } = decision;
  const explanation = new Explanation(rule.selectors);
  const counter = createCounter(decision, NO_DECODERS, LIMITS, () => {}, explanation);
  counter.write(page.body);
  let result: Attempt | null = null;
  counter.end(({ posts, uncounted }) => {
    const selectors = explanation
      .selectors()
      .filter(({ counted, switchedOff, duplicates }) => counted + switchedOff + duplicates > 0);
    const found = { posts, route: rule.name, format: rule.format, selectors };
    result = uncounted === undefined ? found : { ...found, uncounted };
  });
  return result;
}
