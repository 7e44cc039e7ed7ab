/** The port of actions of money that need two people: taking one at once, proposing it, and deciding a proposal. */

import type { DecisionRefusal } from '../../proposal/decide.ts';
import type { ActionProposal, Principal, ProposalDecision, ProposalKind } from '../../proposal/model.ts';
import type { Page, PageRequest } from '../port.ts';
import type { ProblemCode } from '../problem-code.ts';

/** What a person wants to do. */
export type ActionRequest = Pick<ActionProposal, 'kind' | 'subject' | 'payload' | 'reason'>;

/** Who acts, and when (epoch milliseconds). */
export interface PrincipalAt extends Principal {
  readonly atMs: number;
}

/** Why the action is impossible now, in the form of a problem of the API. */
export interface ActionRefusal {
  readonly status: 404 | 409 | 422;
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
  readonly code?: ProblemCode;
}

export type Submission =
  /** `id` names what the action made or changed. */
  | { readonly kind: 'done'; readonly id: string; readonly isAlone: boolean }
  | { readonly kind: 'proposed'; readonly proposal: ActionProposal }
  /** No second person was seen, and the seller is strict. */
  | { readonly kind: 'alone_refused' }
  | { readonly kind: 'refused'; readonly refusal: ActionRefusal };

export type DecisionOutcome =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'not_decidable'; readonly refusal: DecisionRefusal }
  /** The action itself is impossible now. The proposal stays open. */
  | { readonly kind: 'refused'; readonly refusal: ActionRefusal }
  /** `resultId` names what the action made or changed; null unless it was accepted. */
  | { readonly kind: 'decided'; readonly proposal: ActionProposal; readonly resultId: string | null };

export interface ProposalFilter {
  readonly isOpen?: boolean | undefined;
  readonly kind?: ProposalKind | undefined;
  /** The subject, or anything below it. */
  readonly under?: string | undefined;
}

export interface ProposalDesk {
  /**
   * Takes the action at once if it needs no second person, or if the person is alone; the audit log then has a row
   * `proposal.alone`. Otherwise stores a proposal.
   */
  submit(request: ActionRequest, who: PrincipalAt): Promise<Submission>;
  /** Accepting takes the action in the same transaction. Of several decisions at once, one wins. */
  decide(id: string, decision: ProposalDecision, reason: string, who: PrincipalAt): Promise<DecisionOutcome>;
  /** Newest first. */
  proposals(filter: ProposalFilter, page: PageRequest): Promise<Page<ActionProposal>>;
  proposal(id: string): Promise<ActionProposal | null>;
}
