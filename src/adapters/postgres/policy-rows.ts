/** Policies of clients, from and to the rows of the ledger. */

import type { ClientPolicy } from '../../admit/policy.ts';
import type { clientPolicies } from './schema.ts';

type Row = typeof clientPolicies.$inferSelect;

/** Throws TypeError on a row that no version of this program has written. */
export function policyOf({ clientId, action, status, ratePerSecond, reason, untilAt }: Row): ClientPolicy {
  const common = { reason, untilMs: untilAt?.getTime() ?? null };
  if (action === 'allow') return { action, ...common };
  if (action === 'refuse' && (status === 403 || status === 429)) return { action, status, ...common };
  if (action === 'slow' && ratePerSecond !== null) return { action, ratePerSecond, ...common };
  throw new TypeError(`the policy of the client ${clientId} in the ledger cannot be read`);
}

export function policyFields(policy: ClientPolicy): Omit<Row, 'clientId' | 'setAt' | 'setBy'> {
  const { action, reason, untilMs } = policy;
  return {
    action,
    status: policy.action === 'refuse' ? policy.status : null,
    ratePerSecond: policy.action === 'slow' ? policy.ratePerSecond : null,
    reason,
    untilAt: untilMs === null ? null : new Date(untilMs),
  };
}
