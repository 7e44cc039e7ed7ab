/** Proposals as JSON, and the problems of proposing and deciding. */

import { z } from '@hono/zod-openapi';
import type { DecisionRefusal } from '../../../proposal/decide.ts';
import { type ActionProposal, DECISIONS, PROPOSAL_KINDS } from '../../../proposal/model.ts';
import type { NotSecond } from '../../../proposal/second-person.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { TimestampOut } from '../../fields.ts';
import { fieldProblem, HttpProblem } from '../../problem.ts';
import type { ActionRefusal, Submission } from '../../proposals/port.ts';

export const ProposalSchema = z
  .object({
    id: z.string(),
    kind: z.enum(PROPOSAL_KINDS),
    subject: z.string().openapi({ description: 'Path of the concerned object.', example: 'invoices/ID' }),
    payload: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What the action does, in the form of its request.' }),
    reason: z.string(),
    proposedBy: z.string(),
    proposedAt: TimestampOut,
    decision: z.enum(DECISIONS).nullable().openapi({ description: 'Null: it waits for a decision.' }),
    decidedBy: z.string().nullable(),
    decidedAt: TimestampOut.nullable(),
    decisionReason: z.string().nullable(),
  })
  .openapi('Proposal');
export type ProposalJson = z.infer<typeof ProposalSchema>;

export function proposalJson(proposal: ActionProposal): ProposalJson {
  const { proposedBy, atMs, decidedBy, decidedAtMs, payload, ...rest } = proposal;
  const { id, kind, subject, reason, decision, decisionReason } = rest;
  return {
    ...{ id, kind, subject, payload: { ...payload }, reason },
    ...{ proposedBy: proposedBy.actor, proposedAt: isoTimestamp(atMs) },
    ...{ decision, decidedBy: decidedBy?.actor ?? null, decidedAt: isoTimestampOrNull(decidedAtMs) },
    decisionReason,
  };
}

/** Returns what was done or proposed. Throws the problem of a refusal. */
export function submittedOrThrow(
  submission: Submission,
): Exclude<Submission, { kind: 'refused' | 'alone_refused' }> {
  if (submission.kind === 'refused') throw actionProblem(submission.refusal);
  if (submission.kind !== 'alone_refused') return submission;
  throw new HttpProblem(
    409,
    'The seller is strict, and no second person with the role was seen in the last 90 days. Create a token for a second person.',
    { code: 'second_person_required' },
  );
}

export function actionProblem({ status, field, reason, hint, code }: ActionRefusal): HttpProblem {
  return fieldProblem(status, field, reason, hint, code);
}

const NOT_SECOND: Readonly<Record<NotSecond, string>> = {
  same: 'is by the person who proposed it',
  admin_token: 'is by ADMIN_TOKEN, which never counts as a second person',
  made_by_first: 'is by a token that the proposer made',
  made_first: 'is by the maker of the token that proposed it',
};

export function decisionProblem(refusal: DecisionRefusal): HttpProblem {
  switch (refusal.kind) {
    case 'decided':
      return fieldProblem(
        409,
        'proposalId',
        `was ${refusal.decision} by ${refusal.by}`,
        'see /v1/proposals',
        'proposal_decided',
      );
    case 'not_proposer':
      return fieldProblem(403, 'decision', 'is of another person', 'reject the proposal instead');
    case 'not_second': {
      const hint = 'have another person with a token of its own decide';
      return fieldProblem(403, 'decision', NOT_SECOND[refusal.why], hint, 'second_person_required');
    }
    case 'stale': {
      const reason = 'concerns a subject that changed after it was proposed';
      return fieldProblem(
        409,
        'proposalId',
        reason,
        'reject it and propose the action again',
        'proposal_stale',
      );
    }
  }
}
