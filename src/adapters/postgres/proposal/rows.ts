/** Rows of proposals as the domain's type, and the reverse. */

import type { ActionProposal } from '../../../proposal/model.ts';
import type { proposals } from './tables.ts';

type ProposalRow = typeof proposals.$inferSelect;

export function proposalOf(row: ProposalRow): ActionProposal {
  const { id, kind, subject, payload, subjectHash, reason, decision, decisionReason } = row;
  return {
    ...{ id, kind, subject, payload, subjectHash, reason, decision, decisionReason },
    proposedBy: { actor: row.proposedBy, tokenId: row.proposedToken },
    atMs: row.at.getTime(),
    decidedBy: row.decidedBy === null ? null : { actor: row.decidedBy, tokenId: row.decidedToken },
    decidedAtMs: row.decidedAt?.getTime() ?? null,
  };
}

export function proposalRow(proposal: ActionProposal): ProposalRow {
  const { proposedBy, atMs, decidedBy, decidedAtMs, ...rest } = proposal;
  return {
    ...rest,
    payload: { ...rest.payload },
    proposedBy: proposedBy.actor,
    proposedToken: proposedBy.tokenId,
    at: new Date(atMs),
    decidedBy: decidedBy?.actor ?? null,
    decidedToken: decidedBy?.tokenId ?? null,
    decidedAt: decidedAtMs === null ? null : new Date(decidedAtMs),
  };
}
