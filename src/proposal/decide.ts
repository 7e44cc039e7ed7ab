/** Whether a proposal may be decided: by whom, and only while its subject is as it was when it was proposed. */

import type { ActionProposal, Principal, ProposalDecision } from './model.ts';
import { type KnownToken, type NotSecond, notSecond } from './second-person.ts';

export type DecisionRefusal =
  | { readonly kind: 'decided'; readonly decision: ProposalDecision; readonly by: string }
  /** Only the proposer may withdraw it. */
  | { readonly kind: 'not_proposer' }
  | { readonly kind: 'not_second'; readonly why: NotSecond }
  | { readonly kind: 'stale' };

/** @param subjectHash hash of the subject's present state; null if the subject does not exist any more. */
export function decisionRefusal(
  proposal: ActionProposal,
  decision: ProposalDecision,
  who: Principal,
  tokens: readonly KnownToken[],
  subjectHash: string | null,
): DecisionRefusal | null {
  const { proposedBy, atMs } = proposal;
  if (proposal.decision !== null) {
    return { kind: 'decided', decision: proposal.decision, by: proposal.decidedBy?.actor ?? '' };
  }
  if (decision === 'withdrawn') return isSame(who, proposedBy) ? null : { kind: 'not_proposer' };
  if (decision === 'rejected') return null;
  const why = isSame(who, proposedBy) ? 'same' : notSecond(proposedBy, who, atMs, tokens);
  if (why !== null) return { kind: 'not_second', why };
  return subjectHash === proposal.subjectHash ? null : { kind: 'stale' };
}

/** ADMIN_TOKEN and the command line have no token, so their name decides. */
function isSame(a: Principal, b: Principal): boolean {
  return a.tokenId === null ? b.tokenId === null && a.actor === b.actor : a.tokenId === b.tokenId;
}
