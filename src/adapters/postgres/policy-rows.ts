/** Converts policies of clients to and from the ledger's rows. */

import type { ClientPolicy } from '../../admit/policy.ts';
import type { clientPolicies } from './schema.ts';

type Row = typeof clientPolicies.$inferSelect;

/** Throws a TypeError for a row that no version of this program writes. */
export function policyOf({ clientId, action, status, ratePerSecond, reason, untilAt }: Row): ClientPolicy {
  const common = { reason, untilMs: untilAt?.getTime() ?? null };
  if (action === 'allow') return { action, ...common };
  if (action === 'refuse' && (status === 403 || status === 429)) return { action, status, ...common };
  if (action === 'slow' && ratePerSecond !== null) return { action, ratePerSecond, ...common };
  throw new TypeError(`the policy of client ${clientId} in the ledger is not valid`);
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
