/** Compares disputes, dunnings and proposals with the audit log. */

import { sql } from 'drizzle-orm';
import type { AuditComparison } from './comparison.ts';

const DISPUTES: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, case action
      when 'dispute.opened' then jsonb_build_array(action, after->>'ground', after->>'text',
        (after->>'disputedMinor')::bigint, at, actor)
      when 'dispute.answered' then jsonb_build_array(action, after->>'answer', at, actor)
      else jsonb_build_array(action, after->>'outcome', reason, at, actor) end
    from audit where action in ('dispute.opened', 'dispute.answered', 'dispute.resolved')`,
  kept: sql`
    select concat('invoices/', invoice_id, '/disputes/', id),
      jsonb_build_array('dispute.opened', ground, text, disputed_minor, opened_at, opened_by)
    from disputes
    union all
    select concat('invoices/', invoice_id, '/disputes/', id),
      jsonb_build_array('dispute.answered', answer, answered_at, answered_by)
    from disputes where num_nonnulls(answer, answered_at, answered_by) > 0
    union all
    select concat('invoices/', invoice_id, '/disputes/', id),
      jsonb_build_array('dispute.resolved', outcome, outcome_text, resolved_at, resolved_by)
    from disputes where num_nonnulls(outcome, outcome_text, resolved_at, resolved_by) > 0`,
};

const DUNNINGS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'id', (after->>'level')::int, at, actor)
    from audit where action = 'invoice.reminded'`,
  kept: sql`select concat('invoices/', invoice_id), jsonb_build_array(id, level, at, actor) from dunnings`,
};

/** The decision of a person who is alone is recorded by the row `proposal.alone` of the subject. */
const PROPOSALS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'kind', after->>'subject', after->'payload', after->>'subjectHash',
      reason, actor, after->>'proposedToken', at)
    from audit where action = 'proposal.made'
    union all
    select subject, jsonb_build_array(substring(action from 10), reason, actor, after->>'decidedToken', at)
    from audit where action in ('proposal.accepted', 'proposal.rejected', 'proposal.withdrawn')
    union all
    select made.subject, jsonb_build_array('accepted', alone.reason, alone.actor, made.after->>'proposedToken', alone.at)
    from audit as alone join audit as made
      on made.action = 'proposal.made' and made.subject = concat('proposals/', alone.after->>'proposal')
    where alone.action = 'proposal.alone'`,
  kept: sql`
    select concat('proposals/', id), jsonb_build_array(kind, subject, payload, subject_hash,
      reason, proposed_by, proposed_token, at)
    from proposals
    union all
    select concat('proposals/', id),
      jsonb_build_array(decision, decision_reason, decided_by, decided_token, decided_at)
    from proposals where num_nonnulls(decision, decision_reason, decided_by, decided_token, decided_at) > 0`,
};

export const CLAIM_COMPARISONS: readonly AuditComparison[] = [DISPUTES, DUNNINGS, PROPOSALS];
