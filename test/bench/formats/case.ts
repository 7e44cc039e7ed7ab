/** A body in one of the formats, counted by Postmeter as in the gateway, and by the usual parsers. */

import { formatCounter, type ReadableRule } from '../../../src/count/formats.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import type { CountedRule } from '../../../src/count/route/rule.ts';
import type { Format, Route } from '../../../src/count/route/schema.ts';
import { routesOf } from '../../count/rules.ts';

export interface FormatCase {
  readonly label: string;
  readonly bytes: number;
  readonly posts: number;
  /** Returns the number of posts; NaN if the body was not read to its end. */
  count(): number;
  readonly usual: readonly UsualParser[];
}

/** Parses the body's bytes like the counter, and finds the posts in the result. */
export interface UsualParser {
  readonly name: string;
  posts(): number | Promise<number>;
}

/** The size of a chunk that a socket delivers. */
const CHUNK_BYTES = 16_384;

export function chunksOf(body: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) chunks.push(body.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

/** The part of a route that specifies how a body is read, in the notation of the configuration. */
export interface CaseRoute {
  readonly format: Format;
  readonly events?: readonly string[];
  readonly posts: readonly object[];
}

/** @throws for posts of a GraphQL request, which needs its request to find them. */
export function ruleOf(route: CaseRoute): ReadableRule {
  const rule = ruleAsWritten(route);
  if (rule.format === 'graphql') throw new Error('GraphQL is read with its request.');
  return rule;
}

export function ruleAsWritten(route: CaseRoute): CountedRule {
  const [rule] = routesOf({ path: '/', ...(route as Partial<Route>) }).rules;
  if (rule === undefined || rule.format === 'none') throw new Error('The route has no posts.');
  return rule;
}

/** Counts the posts in a body with their ids, because unique posts are counted by default. */
export function countWith(rule: ReadableRule, chunks: readonly Uint8Array[], contentType = ''): number {
  const found = new PostCount(rule.selectors, true);
  const counter = formatCounter(rule, { contentType, isMessages: false }, found);
  for (const chunk of chunks) counter.write(chunk);
  counter.end();
  return (counter.failure ?? counter.flaw) === undefined ? found.posts : Number.NaN;
}
