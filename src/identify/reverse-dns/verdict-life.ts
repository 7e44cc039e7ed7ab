/** How long a finding of reverse DNS holds. */

import type { ReverseFinding, ReverseVerdict } from './port.ts';

const HOUR_MS = 3_600_000;
/** How long an error holds follows from the errors before it: `KnownVerdicts`. */
const LIFE_MS = { verified: 24 * HOUR_MS, denied: HOUR_MS, error: 0 };
/** An address is asked for again after this part of the life, so that a verified one never becomes unknown. */
const RENEW_AFTER = 0.8;

export function verdictOf(finding: ReverseFinding, nowMs: number): ReverseVerdict {
  return { ...finding, checkedAtMs: nowMs, untilMs: nowMs + LIFE_MS[finding.result] };
}

/** Whether the verdict is to be found again although it still holds. */
export function isDueForRenewal({ checkedAtMs, untilMs }: ReverseVerdict, nowMs: number): boolean {
  return nowMs >= checkedAtMs + (untilMs - checkedAtMs) * RENEW_AFTER;
}
