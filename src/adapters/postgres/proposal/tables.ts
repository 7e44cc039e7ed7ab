/** Actions that wait for a second person. Only the decision can be set, once (a trigger in drizzle/ enforces this). */

import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { DECISIONS, PROPOSAL_KINDS } from '../../../proposal/model.ts';
import { moment } from '../columns.ts';

export const proposals = pgTable(
  'proposals',
  {
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: PROPOSAL_KINDS }).notNull(),
    subject: text('subject').notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    subjectHash: text('subject_hash').notNull(),
    reason: text('reason').notNull(),
    proposedBy: text('proposed_by').notNull(),
    /** Null: ADMIN_TOKEN. */
    proposedToken: text('proposed_token'),
    at: moment('at').notNull(),
    decidedBy: text('decided_by'),
    decidedToken: text('decided_token'),
    decidedAt: moment('decided_at'),
    decision: text('decision', { enum: DECISIONS }),
    decisionReason: text('decision_reason'),
  },
  (t) => [
    index('proposals_open').on(t.id).where(sql`${t.decidedAt} is null`),
    index('proposals_subject').on(t.subject),
  ],
);
