/** What a response's head says about counting: the table of outcomes as a pure function. */

import { readCodings } from './content-coding.ts';
import type { ReadableRule } from './formats.ts';
import type { AskedFor } from './graphql/request.ts';
import type { ContentCoding } from './port.ts';
import { messageRuleFor, ruleFor } from './route/match.ts';
import type { CountedRule, RouteMatch } from './route/rule.ts';
import type { UncountedReason } from './uncounted.ts';

export type Decision =
  /** The upstream said it: no body is read. */
  | { readonly kind: 'declared'; readonly posts: number }
  /** No posts can be in it. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'scan';
      readonly rule: ReadableRule;
      readonly contentType: string;
      readonly codings: readonly ContentCoding[];
      /** Whether the body is messages of a connection that was upgraded. */
      readonly isMessages: boolean;
    }
  | { readonly kind: 'uncounted'; readonly reason: UncountedReason };

/** The fields of a response's head that counting reads. */
export interface CountedFields {
  /** The value of the header in which the upstream declares a count; several fields joined by commas. */
  readonly declaredCount: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

const NONE: Decision = { kind: 'none' };
const NO_CODINGS: readonly ContentCoding[] = [];

/** 15 digits are exact in a double, and more posts than any response holds. */
const DECLARED_FORM = /^\s*\d{1,15}\s*$/;

/**
 * @param method of the request, in upper case.
 * @param status of the final response, or 101 where the connection is handed to another protocol.
 * @param match what `matchRoute` found for the request.
 * @param asked what a GraphQL request asked for; null where it was not read.
 */
export function decide(
  method: string,
  status: number,
  fields: CountedFields,
  match: RouteMatch,
  asked: AskedFor | null = null,
): Decision {
  if (status === 101) return messages(match);
  const hasPosts = status >= 200 && status <= 299 && status !== 204 && status !== 205;
  if (!hasPosts || method === 'HEAD') return NONE;
  const { declaredCount } = fields;
  if (declaredCount !== undefined) {
    if (!DECLARED_FORM.test(declaredCount)) return { kind: 'uncounted', reason: 'declared_count' };
    return { kind: 'declared', posts: Number(declaredCount) };
  }
  const rule = ruleFor(match, fields.contentType);
  if (rule === undefined || rule.format === 'none') return NONE;
  // A body of which every text is a post does not tell an error from a post.
  if (rule.format === 'text' && rule.plan.isWhole && (status < 200 || status > 299)) return NONE;
  if (status === 206) return { kind: 'uncounted', reason: 'partial' };
  const codings = fields.contentEncoding === undefined ? NO_CODINGS : readCodings(fields.contentEncoding);
  if (codings === undefined) return { kind: 'uncounted', reason: 'encoding' };
  return scan(rule, fields.contentType ?? '', codings, asked);
}

function messages(match: RouteMatch): Decision {
  const rule = messageRuleFor(match);
  return rule === undefined ? NONE : scan(rule, '', NO_CODINGS, null, true);
}

function scan(
  rule: CountedRule,
  contentType: string,
  codings: readonly ContentCoding[],
  asked: AskedFor | null,
  isMessages = false,
): Decision {
  if (rule.format !== 'graphql') return { kind: 'scan', rule, contentType, codings, isMessages };
  const plan = asked?.planFor(rule.plan) ?? 'unknown';
  if (plan === 'none') return NONE;
  return { kind: 'scan', rule: { ...rule, plan }, contentType, codings, isMessages };
}
