/** Disputes and dunnings as JSON, with the problems of changing them. */

import { z } from '@hono/zod-openapi';
import type { DisputeFault } from '../../../receivable/dispute.ts';
import type { DunningObstacle } from '../../../receivable/dunning.ts';
import { DISPUTE_GROUNDS, DISPUTE_OUTCOMES, type Dispute } from '../../../receivable/model.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { formatMoney } from '../../../tariff/money.ts';
import type { DunningRecord } from '../../claims/port.ts';
import { AmountOut, TimestampOut } from '../../fields.ts';
import { fieldProblem, type HttpProblem } from '../../problem.ts';

export const DisputeSchema = z
  .object({
    id: z.string(),
    invoiceId: z.string(),
    ground: z.enum(DISPUTE_GROUNDS),
    text: z.string(),
    disputed: AmountOut,
    openedBy: z.string(),
    openedAt: TimestampOut,
    answer: z.string().nullable(),
    answeredBy: z.string().nullable(),
    answeredAt: TimestampOut.nullable(),
    outcome: z
      .enum(DISPUTE_OUTCOMES)
      .nullable()
      .openapi({ description: 'upheld: the client is right. Null: the dispute is open.' }),
    outcomeText: z.string().nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: TimestampOut.nullable(),
  })
  .openapi('Dispute');
export type DisputeJson = z.infer<typeof DisputeSchema>;

export const DunningSchema = z
  .object({
    id: z.string(),
    invoiceId: z.string(),
    level: z.int(),
    at: TimestampOut,
    by: z.string().openapi({ description: '`billing`: the job wrote it by itself.' }),
  })
  .openapi('Dunning');
export type DunningJson = z.infer<typeof DunningSchema>;

export function disputeJson(dispute: Dispute, currency: string): DisputeJson {
  const { disputedMinor, openedAtMs, answeredAtMs, resolvedAtMs, ...rest } = dispute;
  return {
    ...rest,
    disputed: formatMoney(disputedMinor, currency),
    openedAt: isoTimestamp(openedAtMs),
    answeredAt: isoTimestampOrNull(answeredAtMs),
    resolvedAt: isoTimestampOrNull(resolvedAtMs),
  };
}

export function dunningJson({ atMs, actor, ...rest }: DunningRecord): DunningJson {
  return { ...rest, at: isoTimestamp(atMs), by: actor };
}

export function notInBook(): HttpProblem {
  const reason = 'is not an issued invoice or supplement with a book';
  return fieldProblem(409, 'invoiceId', reason, 'issue the invoice first', 'not_in_book');
}

export function disputeProblem(fault: DisputeFault): HttpProblem {
  switch (fault) {
    case 'no_book':
      return notInBook();
    case 'already_disputed': {
      const hint = 'resolve the open dispute first';
      return fieldProblem(409, 'invoiceId', 'has an open dispute', hint, 'already_disputed');
    }
    case 'exceeds_payable':
      return fieldProblem(400, 'disputed', 'exceeds the payable amount', 'send at most that');
    case 'not_found':
      return fieldProblem(404, 'disputeId', 'does not exist', 'see /v1/invoices/{invoiceId}/disputes');
    case 'already_answered': {
      const hint = 'resolve the dispute';
      return fieldProblem(409, 'disputeId', 'was answered before', hint, 'dispute_answered');
    }
    case 'already_resolved': {
      const hint = 'open another dispute';
      return fieldProblem(409, 'disputeId', 'was resolved before', hint, 'dispute_resolved');
    }
    case 'credit_unfounded': {
      const hint = 'choose upheld, partly_upheld or settled, or send no credit';
      return fieldProblem(400, 'credit', 'contradicts the outcome', hint);
    }
  }
}

const OBSTACLES: Readonly<Record<DunningObstacle, readonly [reason: string, hint: string]>> = {
  paid: ['has nothing that is still owed', 'do nothing'],
  not_due: ['is not overdue', 'wait until the day after its due date'],
  disputed: ['is disputed', 'resolve the dispute first'],
  held: ['is of a client on billing hold', 'release the hold first: see /v1/billing-holds'],
  proposal: ['has a proposal that waits', 'decide the proposal first: see /v1/proposals'],
  no_level: ['has reached the last level of dunning', 'collect the debt, or write it off'],
};

export function reminderProblem(obstacle: DunningObstacle | 'no_book'): HttpProblem {
  if (obstacle === 'no_book') return notInBook();
  const [reason, hint] = OBSTACLES[obstacle];
  return fieldProblem(409, 'invoiceId', reason, hint, 'dunning_rests');
}
