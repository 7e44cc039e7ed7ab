/** A client's policy as operators see it, with timestamps in ISO 8601. */

import type { ClientPolicy } from '../admit/policy.ts';
import { isoTimestamp, isoTimestampOrNull } from './timestamp.ts';

export interface PolicyView {
  readonly clientId: string;
  readonly action: ClientPolicy['action'];
  readonly status: 403 | 429 | null;
  readonly ratePerSecond: number | null;
  readonly reason: string;
  readonly until: string | null;
  readonly setAt: string;
  readonly setBy: string;
}

export function policyView(record: {
  readonly clientId: string;
  readonly policy: ClientPolicy;
  readonly setAtMs: number;
  readonly setBy: string;
}): PolicyView {
  const { clientId, policy, setAtMs, setBy } = record;
  return {
    clientId,
    action: policy.action,
    status: policy.action === 'refuse' ? policy.status : null,
    ratePerSecond: policy.action === 'slow' ? policy.ratePerSecond : null,
    reason: policy.reason,
    until: isoTimestampOrNull(policy.untilMs),
    setAt: isoTimestamp(setAtMs),
    setBy,
  };
}
