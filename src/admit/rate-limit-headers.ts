/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers). Every response to a client has them if
 * its tariff has a threshold of deliveries, which the total of a window measures. The unit "posts" is not registered,
 * so the parameter has a prefix: `postmeter-unit`.
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

/** Caches, by tariff, the parts that are the same for every request. */
const policyTexts = new WeakMap<DamagesTariff, PolicyText>();

/**
 * `r` is the number of posts left before the threshold, `t` the seconds until some become available again. Returns
 * null if the tariff has no threshold, or a threshold of unique posts, which the total does not measure.
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
