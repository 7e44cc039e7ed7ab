/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), on every response to a client with a
 * threshold of deliveries: what the total of a window is made of. The unit "posts" is not registered, hence the
 * prefixed parameter `postmeter-unit`.
 */

import type { Total } from '../meter/port.ts';
import type { DamagesTariff, Tariff } from '../tariff/tariff.ts';
import { policyName, secondsUntilFall } from './admit.ts';

export interface RateLimitHeaders {
  /** Value of `RateLimit-Policy`. */
  readonly policy: string;
  /** Value of `RateLimit`. */
  readonly limit: string;
}

interface PolicyText {
  readonly policy: string;
  readonly limitStart: string;
}

/** By tariff: what does not change from request to request is put together once. */
const policyTexts = new WeakMap<DamagesTariff, PolicyText>();

/**
 * `r`: posts left before the threshold; `t`: seconds until some are given back. Null: the tariff has no threshold,
 * or one of unique posts, of which the total says nothing.
 */
export function rateLimitHeaders(tariff: Tariff, total: Total, nowMs: number): RateLimitHeaders | null {
  if (tariff.kind !== 'damages' || tariff.count === 'unique') return null;
  const text = policyTexts.get(tariff) ?? makeText(tariff);
  const remaining = Math.max(0, tariff.threshold - total.posts);
  return {
    policy: text.policy,
    limit: `${text.limitStart}${remaining};t=${secondsUntilFall(tariff, total, nowMs)}`,
  };
}

function makeText(tariff: DamagesTariff): PolicyText {
  const name = policyName(tariff.windowSeconds);
  const text = {
    policy: `"${name}";q=${tariff.threshold};w=${tariff.windowSeconds};postmeter-unit="posts"`,
    limitStart: `"${name}";r=`,
  };
  policyTexts.set(tariff, text);
  return text;
}
