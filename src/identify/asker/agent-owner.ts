/** Assigns requests of proven agents to the clients that the agents are registered for. */

import type { Directory, Owner } from '../directory.ts';
import type { IdentifyResult } from '../identity.ts';
import type { AgentPart } from './evidence.ts';

/**
 * Returns the identity by a registered agent, or `found` if there is none. A signature is a credential, as a key is:
 * both must belong to one client. An agent that its address proves comes after a key and before a registered range.
 */
export function ownedByAgent(
  found: IdentifyResult,
  agents: readonly AgentPart[],
  directory: Directory,
): IdentifyResult {
  if (found.kind !== 'identified' || agents.length === 0) return found;
  const { identity, caller } = found;
  const signed = ownerOf(agents, directory, true);
  if (caller !== undefined) {
    if (signed === undefined || signed.clientId === identity.clientId) return found;
    return { kind: 'bad_credential', caller: caller() };
  }
  const owner = signed ?? ownerOf(agents, directory, false);
  if (owner === undefined) return found;
  return { kind: 'identified', identity: { ...owner, address: identity.address }, by: 'agent' };
}

function ownerOf(agents: readonly AgentPart[], directory: Directory, isSigned: boolean): Owner | undefined {
  for (const { agent, signer, verdict, evidence } of agents) {
    if (verdict !== 'verified' || (evidence === 'signature') !== isSigned) continue;
    const owner =
      (signer === null ? undefined : directory.byAgent(signer)) ??
      (agent === null ? undefined : directory.byAgent(agent));
    if (owner !== undefined) return owner;
  }
  return undefined;
}
