/**
 * Decides from a response's head how to count it. The body decides under any status, because clients can choose the
 * status on real platforms. The head alone decides only if there is no body or its count is declared.
 */

import { readCodings } from './content-coding.ts';
import type { BodyForm } from './form/body-form.ts';
import { rulesByForm } from './form/choice.ts';
import type { ReadableRule } from './formats.ts';
import type { RequestPlans } from './graphql/request.ts';
import { framingOf } from './graphql/response-counter.ts';
import type { ContentCoding } from './port.ts';
import { messageRuleFor, ruleFor } from './route/match.ts';
import type { CountedRule, RouteMatch, Rule } from './route/rule.ts';
import type { UncountedReason } from './uncounted.ts';

export type Decision =
  | DeclaredCount
  /** It cannot hold posts. */
  | { readonly kind: 'none' }
  | Scan
  | Choice
  | { readonly kind: 'uncounted'; readonly reason: UncountedReason };

/**
 * The upstream declared the number of posts. If the body is cut, its bytes or its content determine how many were
 * delivered.
 */
export interface DeclaredCount {
  readonly kind: 'declared';
  readonly posts: number;
  /** Length of the whole body, in bytes; undefined if unknown. */
  readonly length: number | undefined;
  /** How to read a body of unknown length; null if no route specifies it. */
  readonly scan: Scan | Choice | null;
}

export interface Scan {
  readonly kind: 'scan';
  readonly rule: ReadableRule;
  readonly contentType: string;
  readonly codings: readonly ContentCoding[];
  /** Whether the body consists of messages of an upgraded connection. */
  readonly isMessages: boolean;
  /** Status or media type promises no posts: a body that differs from the route's shape holds none. */
  readonly isError: boolean;
}

/** Rules for several forms of a body match; the beginning of the body decides. */
export interface Choice {
  readonly kind: 'choice';
  readonly codings: readonly ContentCoding[];
  /** How to read a body of each form; null if it holds no posts. */
  readonly byForm: (form: BodyForm) => Scan | null;
}

/** The fields of a response's head that counting needs. */
export interface CountedFields {
  /** The value of the header in which the upstream declares a count; several fields are joined by commas. */
  readonly declaredCount: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentLength?: number | undefined;
}

const NONE: Decision = { kind: 'none' };
const PARTIAL: Decision = { kind: 'uncounted', reason: 'partial' };
const UNKNOWN_DOCUMENTS: Decision = { kind: 'uncounted', reason: 'document' };

/** 15 digits are exact in a double and exceed the posts of any response. */
const DECLARED_FORM = /^\s*\d{1,15}\s*$/;

/**
 * Decides how to count a response.
 * @param method of the request, in upper case.
 * @param status of the final response, or 101 if the connection switches to another protocol.
 * @param match result of `matchRoute` for the request.
 * @param asked the operations of a GraphQL request; null if they were not read.
 */
export function decide(
  method: string,
  status: number,
  fields: CountedFields,
  match: RouteMatch,
  asked: RequestPlans | null = null,
): Decision {
  if (status === 101) return messages(match, asked);
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return NONE;
  const { declaredCount, contentLength } = fields;
  const byBody = decideByBody(status, fields, match, asked);
  if (declaredCount === undefined) return byBody;
  if (!DECLARED_FORM.test(declaredCount)) return { kind: 'uncounted', reason: 'declared_count' };
  const scan = contentLength === undefined && isRead(byBody) ? byBody : null;
  return { kind: 'declared', posts: Number(declaredCount), length: contentLength, scan };
}

/** Problem details (RFC 9457) are an error regardless of their other content. */
const PROBLEM = /^\s*application\/problem\+/i;
const BYTE_RANGES = /^\s*multipart\/byteranges\b/i;

function decideByBody(
  status: number,
  { contentType, contentEncoding }: CountedFields,
  match: RouteMatch,
  asked: RequestPlans | null,
): Decision {
  const isError = status > 299 || status === 205;
  const isParts = status === 206 && contentType !== undefined && BYTE_RANGES.test(contentType);
  const typed = isParts ? match.find(isCounted) : ruleFor(match, contentType);
  if (match.length === 0 || typed?.format === 'none') return NONE;
  const rules = rulesByForm(match, typed, contentType);
  if (rules === undefined) return NONE;
  if (isError && contentType !== undefined && PROBLEM.test(contentType)) return NONE;
  // If every text is a post, the body does not distinguish an error from a post.
  if (typed?.format === 'text' && typed.plan.isWhole && isError) return NONE;
  const likely = 'format' in rules ? rules : rules.text;
  if (status === 206) return likely === undefined ? NONE : PARTIAL;
  const codings = readCodings(contentEncoding);
  if (codings === undefined) return { kind: 'uncounted', reason: 'encoding' };
  const scanBy = (rule: CountedRule): Scan | null => {
    const read = readableRule(isError ? (rule.onError ?? rule) : rule, contentType, asked);
    if (read === null) return null;
    return {
      kind: 'scan',
      rule: read,
      contentType: contentType ?? '',
      codings,
      isMessages: false,
      isError: isError || rule !== typed,
    };
  };
  if ('format' in rules) return scanBy(rules) ?? NONE;
  return { kind: 'choice', codings, byForm: (form) => (rules[form] && scanBy(rules[form])) ?? null };
}

/** The rule with the location of the posts; null if a GraphQL request asks for none. */
function readableRule(
  rule: CountedRule,
  contentType: string | undefined,
  asked: RequestPlans | null,
): ReadableRule | null {
  if (rule.format !== 'graphql') return rule;
  const plan = asked?.planFor(rule.plan) ?? 'unknown';
  return plan === 'none' ? null : { ...rule, plan, isStream: framingOf(contentType ?? '') !== null };
}

function isCounted(rule: Rule): rule is CountedRule {
  return rule.format !== 'none';
}

/** Whether the body is read. */
function isRead(decision: Decision): decision is Scan | Choice {
  return decision.kind === 'scan' || decision.kind === 'choice';
}

const MESSAGES = { kind: 'scan', contentType: '', codings: [], isMessages: true, isError: false } as const;

function messages(match: RouteMatch, asked: RequestPlans | null): Decision {
  const rule = messageRuleFor(match);
  if (rule !== undefined && rule.format !== 'graphql') return { ...MESSAGES, rule };
  const graphql = match.find((one) => one.format === 'graphql');
  if (graphql === undefined) return NONE;
  // The documents are in the client's messages.
  const plan = asked?.conversationFor(graphql.plan) ?? null;
  return plan === null ? UNKNOWN_DOCUMENTS : { ...MESSAGES, rule: { ...graphql, plan, isStream: true } };
}
