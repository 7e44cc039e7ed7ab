/** Reads what financial reports are computed from: issued documents with their book, and usage by month. */

import { type SQL, sql } from 'drizzle-orm';
import type { InvoiceKind } from '../../../invoice/model.ts';
import type {
  BookedDispute,
  BookedDocument,
  BookedEntry,
  DocumentSelection,
  FinanceBooks,
  FinanceScope,
} from '../../../report/finance/port.ts';
import { type ClaimKind, DEFAULT_SELLER, type TaxCategory } from '../../../seller/model.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { usageMonths } from './usage-months.ts';

export function postgresFinanceBooks(db: LedgerDb): FinanceBooks {
  return {
    documents: (scope, which) => bookedDocuments(db, scope, which),
    usage: (clientId, from, to) => usageMonths(db, clientId, from, to),
  };
}

/** One statement, so that entries, disputes and dunnings are of the same moment. */
async function bookedDocuments(
  db: LedgerDb,
  scope: FinanceScope,
  which: DocumentSelection,
): Promise<BookedDocument[]> {
  const rows = await rowsOf(
    db,
    sql`
    select i.id, i.kind, i.client_id, c.name as client_name, coalesce(i.seller_id, ${DEFAULT_SELLER}) as seller_id,
      coalesce(i.document->>'displayNumber', i.number::text) as display_number, i.currency,
      i.month_at is not null as has_month, i.document->'taxRule' as tax_rule,
      (i.issued_at at time zone 'UTC')::date::text as issued_on, r.due_on::text as due_on,
      i.amount_minor::text as net_minor, i.tax_minor::text as tax_minor,
      (select coalesce(json_agg(json_build_object('id', e.id, 'kind', e.kind, 'amount', e.amount_minor::text,
          'paymentId', e.payment_id, 'creditNoteId', e.credit_note_id, 'reversesId', e.reverses_id,
          'effectiveOn', e.effective_on, 'actor', e.actor, 'reason', e.reason) order by e.id), '[]')
        from entries e where e.invoice_id = i.id) as entries,
      (select coalesce(json_agg(json_build_object('openedOn', (d.opened_at at time zone 'UTC')::date,
          'resolvedOn', (d.resolved_at at time zone 'UTC')::date, 'ground', d.ground) order by d.opened_at), '[]')
        from disputes d where d.invoice_id = i.id) as disputes,
      (select coalesce(json_agg(json_build_object('level', n.level, 'on', (n.at at time zone 'UTC')::date)
          order by n.level), '[]')
        from dunnings n where n.invoice_id = i.id) as dunnings
    from invoices i join clients c on c.id = i.client_id left join receivables r on r.invoice_id = i.id
    where i.status = 'issued' and ${scoped(scope)} and ${selected(which)}
    order by i.issued_at, i.id`,
  );
  return rows.map(documentOf);
}

function scoped({ clientId, sellerId, currency }: FinanceScope): SQL {
  return sql.join(
    [
      sql`true`,
      ...(clientId === undefined ? [] : [sql`i.client_id = ${clientId}`]),
      ...(sellerId === undefined ? [] : [sql`coalesce(i.seller_id, ${DEFAULT_SELLER}) = ${sellerId}`]),
      ...(currency === undefined ? [] : [sql`i.currency = ${currency}`]),
    ],
    sql` and `,
  );
}

function selected(which: DocumentSelection): SQL {
  if ('issuedFrom' in which) {
    const { issuedFrom, issuedTo } = which;
    return sql`i.issued_at >= ${startOf(issuedFrom)} and i.issued_at < ${startOf(issuedTo)} + interval '1 day'`;
  }
  const { activeSince } = which;
  return sql`(r.balance_minor > 0
    or exists (select from entries e where e.invoice_id = i.id and e.effective_on >= ${activeSince}::date)
    or exists (select from dunnings n where n.invoice_id = i.id and n.at >= ${startOf(activeSince)}))`;
}

function startOf(date: string): SQL {
  return sql`${`${date}T00:00:00Z`}::timestamptz`;
}

function documentOf(row: Readonly<Record<string, unknown>>): BookedDocument {
  const rule = row.tax_rule as { category: TaxCategory; rateBp: number; appliesTo: ClaimKind } | null;
  const entries = row.entries as (Omit<BookedEntry, 'amountMinor'> & { amount: string })[];
  return {
    id: String(row.id),
    number: String(row.display_number),
    kind: row.kind as InvoiceKind,
    claim: rule?.appliesTo ?? (row.has_month === true ? 'licence' : 'damages'),
    clientId: String(row.client_id),
    clientName: String(row.client_name),
    sellerId: String(row.seller_id),
    currency: String(row.currency),
    issuedOn: String(row.issued_on),
    netMinor: BigInt(String(row.net_minor)),
    taxMinor: BigInt(String(row.tax_minor)),
    tax: rule === null ? null : { category: rule.category, rateBp: rule.rateBp },
    dueOn: row.due_on === null ? null : String(row.due_on),
    entries: entries.map(({ amount, ...entry }) => ({ ...entry, amountMinor: BigInt(amount) })),
    disputes: row.disputes as BookedDispute[],
    dunnings: row.dunnings as { level: number; on: string }[],
  };
}
