/**
 * Verifies the book of receivables: payments, allocations, reversals and refunds against the audit log, receivables
 * against the entries (B7), and what no rule of the book allows (B1 to B4).
 */

import { type SQL, sql } from 'drizzle-orm';
import { type Finding, finding } from '../../../verify/finding.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import type { AuditComparison } from './comparison.ts';

const MAX_REPORTED = 1000;

const PAYMENTS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'sellerId', after->>'clientId', after->>'receivedOn',
      (after->>'amountMinor')::bigint, after->>'currency', after->>'payer', after->>'reference', after->>'method',
      after->>'source', after->>'externalId', after->>'note', at, actor)
    from audit where action = 'payment.recorded'`,
  kept: sql`
    select concat('payments/', id), jsonb_build_array(seller_id, client_id, received_on,
      amount_minor, currency, payer, reference, method, source, external_id, note, at, actor)
    from payments`,
};

const REFUNDS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'paymentId', after->>'creditNoteId', after->>'paidOn',
      (after->>'amountMinor')::bigint, at, actor, reason)
    from audit where action in ('payment.refunded', 'credit_note.refunded')`,
  kept: sql`
    select concat('refunds/', id), jsonb_build_array(payment_id, credit_note_id, paid_on,
      amount_minor, at, actor, reason)
    from refunds`,
};

/** Entries at issue follow from the invoices instead: the charge is compared below, and the credits are bounded. */
const ENTRIES: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select concat('entries/', entry->>'id'), jsonb_build_array(entry->>'invoiceId', entry->>'kind',
      (entry->>'amountMinor')::bigint, entry->>'paymentId', entry->>'creditNoteId',
      (entry->>'reversesId')::bigint, entry->>'effectiveOn', entry->>'reason', at, actor)
    from ${auditedEntries()}`,
  kept: sql`
    select concat('entries/', id), jsonb_build_array(invoice_id, kind,
      amount_minor, payment_id, credit_note_id, reverses_id, effective_on, reason, at, actor)
    from entries
    where kind in ('payment', 'reversal') or id in (select (entry->>'id')::bigint from ${auditedEntries()})`,
};

export const BOOK_COMPARISONS: readonly AuditComparison[] = [PAYMENTS, REFUNDS, ENTRIES];

function auditedEntries(): SQL {
  return sql`(
    select at, actor, jsonb_array_elements(after->'entries') as entry from audit
    where jsonb_typeof(after->'entries') = 'array') as audited`;
}

/** Each selects a subject with what the entries come to and what the table has. */
const CHECKS: readonly SQL[] = [
  // B7: a receivable is the sum of its entries, and has the dispute and the level of dunning that are beside them.
  sql`
    with summed as (
      select e.invoice_id, sum(e.amount_minor) as balance,
        coalesce(sum(e.amount_minor) filter (where e.kind = 'charge'), 0) as payable,
        coalesce(-sum(e.amount_minor) filter (where coalesce(u.kind, e.kind) = 'payment'), 0) as paid,
        coalesce(-sum(e.amount_minor) filter (where coalesce(u.kind, e.kind) = 'credit'), 0) as credited,
        coalesce(-sum(e.amount_minor) filter (where coalesce(u.kind, e.kind) = 'write_off'), 0) as written_off
      from entries e left join entries u on u.id = e.reverses_id group by e.invoice_id
    ), computed as (
      select i.id as invoice_id, jsonb_build_array(i.client_id, coalesce(i.seller_id, 'default'), i.currency, payable,
        balance, paid, credited, written_off,
        coalesce((i.document->>'dueOn')::date, (i.issued_at at time zone 'UTC')::date + 30),
        (select id from disputes where invoice_id = i.id and resolved_at is null),
        coalesce((select max(level) from dunnings where invoice_id = i.id), 0)) as facts
      from summed join invoices i on i.id = summed.invoice_id
    ), kept as (
      select invoice_id, jsonb_build_array(client_id, seller_id, currency, payable_minor, balance_minor, paid_minor,
        credited_minor, written_off_minor, due_on, dispute_id, dunning_level) as facts
      from receivables
    )
    select concat('invoices/', invoice_id, '/receivable') as subject,
      coalesce(computed.facts::text, 'nothing') as expected, coalesce(kept.facts::text, 'nothing') as found
    from computed full join kept using (invoice_id) where computed.facts is distinct from kept.facts`,
  // B1: an invoice with a document has a charge of its payable amount, on the date of its issue.
  sql`
    select concat('invoices/', i.id, '/charge') as subject,
      concat(i.amount_minor + i.tax_minor, ' on ', (i.issued_at at time zone 'UTC')::date) as expected,
      coalesce(concat(e.amount_minor, ' on ', e.effective_on), 'nothing') as found
    from invoices i left join entries e on e.invoice_id = i.id and e.kind = 'charge'
    where i.status = 'issued' and i.kind <> 'credit_note' and (i.document is not null or e.id is not null)
      and (i.amount_minor + i.tax_minor, (i.issued_at at time zone 'UTC')::date)
        is distinct from (e.amount_minor, e.effective_on)`,
  // B2: the entries never came to less than nothing, or to more than the charge.
  sql`
    select concat('invoices/', invoice_id, '/balance') as subject, 'from 0 to the payable amount' as expected,
      min(balance)::text as found
    from (
      select e.invoice_id, i.amount_minor + i.tax_minor as payable,
        sum(e.amount_minor) over (partition by e.invoice_id order by e.id) as balance
      from entries e join invoices i on i.id = e.invoice_id
    ) as running where balance not between 0 and payable group by invoice_id`,
  // B3 and B4: no more is drawn on a payment or a credit note than it has, and from its currency and seller.
  sql`
    select concat('payments/', p.id, '/left') as subject, 'from 0 to its amount' as expected, left_of.minor::text as found
    from payments p, lateral (${leftOf('p.amount_minor', 'payment_id', 'p.id')}) as left_of
    where left_of.minor not between 0 and p.amount_minor
    union all
    select concat('invoices/', n.id, '/left'), 'from 0 to its amount', left_of.minor::text
    from invoices n, lateral (${leftOf('-(n.amount_minor + n.tax_minor)', 'credit_note_id', 'n.id')}) as left_of
    where n.status = 'issued' and n.kind = 'credit_note'
      and left_of.minor not between 0 and -(n.amount_minor + n.tax_minor)
    union all
    select concat('entries/', e.id), concat(p.currency, ' of ', p.seller_id),
      concat(i.currency, ' of ', coalesce(i.seller_id, 'default'))
    from entries e join payments p on p.id = e.payment_id join invoices i on i.id = e.invoice_id
    where p.currency <> i.currency or p.seller_id <> coalesce(i.seller_id, 'default') or p.client_id <> i.client_id`,
];

function leftOf(amount: string, column: string, id: string): SQL {
  return sql.raw(`select ${amount} + (select coalesce(sum(amount_minor), 0) from entries where ${column} = ${id})
    - (select coalesce(sum(amount_minor), 0) from refunds where ${column} = ${id}) as minor`);
}

export async function bookDifferences(tx: LedgerDb): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const rows = await rowsOf(
      tx,
      sql`select * from (${check}) as differing order by subject limit ${MAX_REPORTED}`,
    );
    for (const { subject, expected, found } of rows) {
      findings.push(finding('book_differs', String(subject), expected, found));
    }
  }
  return findings;
}
