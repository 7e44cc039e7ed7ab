/** A page of a platform that was fetched to find its posts, and counting it by candidate rules. */

import { decide } from '../count/count-decision.ts';
import type { CountResult } from '../count/counter.ts';
import { createCounter } from '../count/create-counter.ts';
import { type ExplainedSelector, Explanation } from '../count/explanation.ts';
import type { ReadableRule } from '../count/formats.ts';
import type { Decoders } from '../count/port.ts';
import type { PostsInput } from '../count/presets/preset.ts';
import { matchRoute } from '../count/route/match.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { UncountedReason } from '../count/uncounted.ts';

export interface ProbedPage {
  /** Path and query, after redirects. */
  readonly target: string;
  /** The target of a redirect to another origin, which is not followed. */
  readonly leadsTo?: string;
  readonly status: number;
  readonly contentType: string;
  /** The `Link` header; empty if there is none. */
  readonly link: string;
  /** Decoded. */
  readonly body: Uint8Array;
}

/** The result of rules for a page. */
export interface Attempt {
  readonly posts: number;
  /** The matched route, how it read the body, and which of its selectors matched something. */
  readonly route: string;
  readonly format: string;
  readonly selectors: readonly ExplainedSelector[];
  readonly uncounted?: UncountedReason;
}

/** What the probe found on one page. */
export interface PageReport {
  readonly target: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  /** The configuration's result; null if it has no route for the page. */
  readonly counted: Attempt | null;
  /** The result of a route for the page's structure; null if no structure was found. */
  readonly shape: Attempt | null;
}

/** The page is already decoded, so no decoder is ever opened. */
const NO_DECODERS: Decoders = {
  open() {
    throw new Error('The page is already decoded.');
  },
};
const LIMITS = { maxDecodedBytes: Number.POSITIVE_INFINITY, wantsIds: false };

/** A page as a rule read it. */
interface ReadPage {
  readonly rule: ReadableRule;
  readonly result: CountResult;
  readonly selectors: readonly ExplainedSelector[];
}

/** Ignores a declared count. Null if no rule with posts matches the page. */
export function readPage(page: ProbedPage, routes: CompiledRoutes): ReadPage | null {
  const fields = { declaredCount: undefined, contentType: page.contentType, contentEncoding: undefined };
  const decision = decide('GET', page.status, fields, matchRoute(routes, 'GET', page.target));
  const explanation = new Explanation();
  const counter = createCounter(decision, NO_DECODERS, LIMITS, () => {}, explanation.observerOf);
  counter.write(page.body);
  let result: CountResult = { posts: 0 };
  counter.end((counted) => {
    result = counted;
  });
  const { rule } = explanation;
  return rule && { rule, result, selectors: explanation.selectors() };
}

/** Null if no rule with posts matches the page. */
export function attempt(page: ProbedPage, routes: CompiledRoutes): Attempt | null {
  const read = readPage(page, routes);
  if (read === null) return null;
  const { posts, uncounted } = read.result;
  const selectors = read.selectors.filter(
    ({ counted, switchedOff, duplicates }) => counted + switchedOff + duplicates > 0,
  );
  const found = { posts, route: read.rule.name, format: read.rule.format, selectors };
  return uncounted === undefined ? found : { ...found, uncounted };
}

/** A route that the probe proposes for the structure of a page. */
export interface Proposal {
  readonly format: string;
  readonly posts: PostsInput;
  /** What the page does not show, for a person to check. */
  readonly doubts: readonly string[];
}
