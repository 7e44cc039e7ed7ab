/** The policy of a request's client, and the usage of refused requests. */

import type { ClientPolicy } from '../admit/policy.ts';
import type { Directory } from '../identify/directory.ts';
import type { Identity } from '../identify/identity.ts';
import { bucketOf } from '../meter/usage.ts';
import type { GatewayDeps } from './deps.ts';

/** Returns the policy for the caller's own address first, even if the caller is metered by its range. */
export function policyFor(
  directory: Directory,
  { clientId, ownId }: Identity,
  nowMs: number,
): ClientPolicy | null {
  const policy = ownId === undefined ? null : directory.policyOf(ownId, nowMs);
  return policy ?? directory.policyOf(clientId, nowMs);
}

/**
 * Meters refused requests of a newcomer under its range; otherwise each newcomer would become a client in the ledger.
 */
export function refusedAs(identity: Identity): Identity {
  const { newcomer, address } = identity;
  if (newcomer === undefined) return identity;
  const rangeId = newcomer.rangeId();
  return { clientId: rangeId, identifierId: rangeId, address };
}

/** Meters a refused request: 0 posts, 1 refused request. */
export function recordRefusal(
  { tally, record, nowMs, bucketSeconds }: GatewayDeps,
  { clientId, identifierId }: Identity,
  status: number,
): void {
  tally.requestEnded('refused', status, 0, 0);
  const bucketMs = bucketOf(nowMs(), bucketSeconds);
  const usage = { posts: 0, requests: 1, refused: 1, bytes: 0, uncounted: 0 };
  record({ clientId, identifierId, bucketMs, ...usage }, () => {});
}
