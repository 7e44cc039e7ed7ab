/** The policy of a request's client, and the usage of requests that the gateway refuses or answers itself. */

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
export function recordRefusal(deps: GatewayDeps, identity: Identity, status: number): void {
  recordOwnAnswer(deps, identity, 'refused', status, 0);
}

/** Meters a request that the gateway answers itself, without posts. @param bytes of the body that are metered. */
export function recordOwnAnswer(
  { tally, record, nowMs, bucketSeconds }: GatewayDeps,
  { clientId, identifierId }: Identity,
  outcome: 'refused' | 'forwarded',
  status: number,
  bytes: number,
): void {
  tally.requestEnded(outcome, status, 0, bytes);
  const bucketMs = bucketOf(nowMs(), bucketSeconds);
  const refused = outcome === 'refused' ? 1 : 0;
  record({ clientId, identifierId, bucketMs, posts: 0, requests: 1, refused, bytes, uncounted: 0 }, () => {});
}
