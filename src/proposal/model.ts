/** Proposals: actions of money that wait for the decision of a second person. */

export const PROPOSAL_KINDS = ['bank_account', 'write_off', 'credit_note'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];
export const DECISIONS = ['accepted', 'rejected', 'withdrawn'] as const;
export type ProposalDecision = (typeof DECISIONS)[number];

/** Who acts: a token, or ADMIN_TOKEN, which has no id and never counts as a second person. */
export interface Principal {
  readonly actor: string;
  readonly tokenId: string | null;
}

export interface ActionProposal {
  readonly id: string;
  readonly kind: ProposalKind;
  /** Path of the concerned object, as in the admin API. */
  readonly subject: string;
  /** What the action does, in the form of its request. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Hex SHA-256 of the subject's state when it was proposed. A proposal whose subject changed is stale. */
  readonly subjectHash: string;
  readonly reason: string;
  readonly proposedBy: Principal;
  readonly atMs: number;
  readonly decidedBy: Principal | null;
  readonly decidedAtMs: number | null;
  readonly decision: ProposalDecision | null;
  readonly decisionReason: string | null;
}
