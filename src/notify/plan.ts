/** The plan of attempts: when a message that failed is sent again, and when it is given up. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits before the second, third, ... attempt. */
const WAITS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Each wait varies by this share, so that receivers that were down are not called by all processes at once. */
const SPREAD = 0.2;
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;
const STATUS_GONE = 410;

/** What an attempt came to. */
export interface AttemptResult {
  /** Status of the response; null without one. */
  readonly status: number | null;
  /** True if the receiver has taken the message. */
  readonly isTaken: boolean;
  /** The field `Retry-After` of the response. */
  readonly retryAfter: string | null;
}

export type AfterAttempt =
  | { readonly kind: 'sent' }
  | { readonly kind: 'again'; readonly dueAtMs: number }
  | { readonly kind: 'given_up' }
  /** The receiver asked for no more messages (status 410). It is switched off. */
  | { readonly kind: 'gone' };

/**
 * Decides what follows an attempt.
 * @param tries attempts under the present plan, including this one.
 * @param chance from 0 to 1.
 */
export function nextStep(result: AttemptResult, tries: number, nowMs: number, chance: number): AfterAttempt {
  if (result.isTaken) return { kind: 'sent' };
  if (result.status === STATUS_GONE) return { kind: 'gone' };
  const waitMs = WAITS_MS[tries - 1];
  if (waitMs === undefined) return { kind: 'given_up' };
  const plannedMs = nowMs + Math.round(waitMs * (1 - SPREAD + 2 * SPREAD * chance));
  return { kind: 'again', dueAtMs: Math.max(plannedMs, retryAtMs(result.retryAfter, nowMs)) };
}

/** The time that `Retry-After` names (RFC 9110, 10.2.3), at most a day ahead; 0 if it names none. */
function retryAtMs(field: string | null, nowMs: number): number {
  if (field === null) return 0;
  const atMs = /^\d{1,10}$/.test(field.trim()) ? nowMs + Number(field) * SECOND_MS : Date.parse(field);
  return Number.isNaN(atMs) ? 0 : Math.min(atMs, nowMs + MAX_RETRY_AFTER_MS);
}
