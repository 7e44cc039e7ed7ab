/** The conditions of a filter of invoices in SQL. Statements join `clients`, and `breaches` and `receivables` from the left. */

import { eq, gte, ilike, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { InvoiceFilter } from '../../../admin/port.ts';
import type { StateRules } from '../../../invoice/state.ts';
import { receivables } from '../receivable/tables.ts';
import { breaches, clients, invoices } from '../schema.ts';

/** Returns undefined for fields that select every invoice, as drizzle's `and` takes them. */
export function invoiceConditions(filter: InvoiceFilter): (SQL | undefined)[] {
  const { clientId, status, state, kind, currency, q, issuedFromMs, issuedToMs } = filter;
  const { amountFromMinor, amountToMinor, label, dueFrom, dueTo, openFromMinor, openToMinor } = filter;
  return [
    clientId === undefined ? undefined : eq(invoices.clientId, clientId),
    status === undefined ? undefined : eq(invoices.status, status),
    state === undefined ? undefined : sql`${stateColumn(state.rules)} = ${state.is}`,
    kind === undefined ? undefined : eq(invoices.kind, kind),
    currency === undefined ? undefined : eq(invoices.currency, currency),
    q === undefined ? undefined : mentions(q),
    issuedFromMs === undefined ? undefined : gte(invoices.issuedAt, new Date(issuedFromMs)),
    issuedToMs === undefined ? undefined : lt(invoices.issuedAt, new Date(issuedToMs)),
    amountFromMinor === undefined ? undefined : gte(invoices.amountMinor, amountFromMinor),
    amountToMinor === undefined ? undefined : lte(invoices.amountMinor, amountToMinor),
    label === undefined ? undefined : sql`${labelColumn(label.today)} = ${label.is}`,
    dueFrom === undefined ? undefined : gte(receivables.dueOn, dueFrom),
    dueTo === undefined ? undefined : lte(receivables.dueOn, dueTo),
    openFromMinor === undefined ? undefined : gte(receivables.balanceMinor, openFromMinor),
    openToMinor === undefined ? undefined : lte(receivables.balanceMinor, openToMinor),
  ];
}

/** The rule of `invoiceStateOf` (src/invoice/state.ts). */
export function stateColumn({ nowMs, latenessMs, approval }: StateRules): SQL {
  const until = new Date(nowMs - latenessMs).toISOString();
  const approved = approval === 'automatic' ? sql`true` : sql`${invoices.status} = 'approved'`;
  return sql`case
    when ${invoices.status} in ('issued', 'rejected', 'void') then ${invoices.status}
    when ${breaches.state} in ('open', 'settling') then 'growing'
    when (${invoices.monthAt} at time zone 'UTC' + interval '1 month') at time zone 'UTC' > ${until}::timestamptz
      then 'growing'
    when ${approved} then 'to_issue'
    else 'to_approve' end`;
}

/** The rule of `standingOf` (src/receivable/label.ts); null if the invoice has no receivable. */
export function labelColumn(today: string): SQL {
  const { balanceMinor, payableMinor, paidMinor, writtenOffMinor, disputeId, dueOn } = receivables;
  return sql`case
    when ${balanceMinor} = 0 and ${writtenOffMinor} > 0 then 'uncollectible'
    when ${balanceMinor} = 0 and ${paidMinor} > 0 then 'paid'
    when ${balanceMinor} = 0 then 'credited'
    when ${disputeId} is not null then 'disputed'
    when ${dueOn} < ${today}::date then 'overdue'
    when ${balanceMinor} < ${payableMinor} then 'part_paid'
    when ${balanceMinor} = ${payableMinor} then 'open' end`;
}

function mentions(text: string): SQL | undefined {
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const legalName = sql`coalesce(${invoices.billTo}->>'legalName', ${clients.legalName})`;
  return or(
    /^\d{1,15}$/.test(text) ? eq(invoices.number, Number(text)) : undefined,
    validate(text) ? eq(invoices.id, text) : undefined,
    ilike(clients.id, pattern),
    ilike(clients.name, pattern),
    ilike(legalName, pattern),
  );
}
