/** The invariants B1 to B7 of the book in SQL over the raw tables, by another hand than the product's. */

import { sql } from 'drizzle-orm';
import { type LedgerDb, rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresPayments } from '../../../../src/adapters/postgres/receivable/books.ts';
import { statementOf } from '../../../../src/receivable/statement.ts';

const CHECKS = {
  B1: sql`select i.id::text as subject from invoices i left join entries e on e.invoice_id = i.id and e.kind = 'charge'
    where i.status = 'issued' group by i.id
    having count(e.id) <> case i.kind when 'credit_note' then 0 else 1 end
      or (i.kind <> 'credit_note' and sum(e.amount_minor) <> i.amount_minor + i.tax_minor)`,
  // At the end of every date, and after every entry.
  B2: sql`select id::text as subject from (
      select e.id, i.amount_minor + i.tax_minor as payable,
        sum(e.amount_minor) over (partition by e.invoice_id order by e.id) as written,
        sum(e.amount_minor) over (partition by e.invoice_id order by e.effective_on) as as_at
      from entries e join invoices i on i.id = e.invoice_id) as running
    where written not between 0 and payable or as_at not between 0 and payable`,
  B3: sql`select p.id::text as subject from payments p
    where p.amount_minor < (select coalesce(-sum(amount_minor), 0) from entries where payment_id = p.id)
      + (select coalesce(sum(amount_minor), 0) from refunds where payment_id = p.id)
    or 0 > (select coalesce(-sum(amount_minor), 0) from entries where payment_id = p.id)
    or exists (select from entries e where e.payment_id = p.id and e.reverses_id is not null
      group by e.reverses_id having count(*) > 1)
    or exists (select from entries e join invoices i on i.id = e.invoice_id where e.payment_id = p.id
      and (i.currency <> p.currency or coalesce(i.seller_id, 'default') <> p.seller_id))`,
  B4: sql`select n.id::text as subject from invoices n where n.kind = 'credit_note' and n.status = 'issued' and
    -(n.amount_minor + n.tax_minor) < (select coalesce(-sum(amount_minor), 0) from entries where credit_note_id = n.id)
      + (select coalesce(sum(amount_minor), 0) from refunds where credit_note_id = n.id)`,
  B7: sql`select r.invoice_id::text as subject from receivables r join entries e on e.invoice_id = r.invoice_id
    left join entries u on u.id = e.reverses_id group by r.invoice_id
    having r.balance_minor <> sum(e.amount_minor)
      or r.paid_minor <> sum(case coalesce(u.kind, e.kind) when 'payment' then -e.amount_minor else 0 end)
      or r.credited_minor <> sum(case coalesce(u.kind, e.kind) when 'credit' then -e.amount_minor else 0 end)
      or r.written_off_minor <> sum(case coalesce(u.kind, e.kind) when 'write_off' then -e.amount_minor else 0 end)`,
} as const;

/** Names each violation: the invariant and the id of the row. */
export async function violations(db: LedgerDb): Promise<string[]> {
  const found: string[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    for (const { subject } of await rowsOf(db, check)) found.push(`${name} ${subject}`);
  }
  return [...found, ...(await accountViolations(db))];
}

/** B6: the statement closes with what is open, less what is left of payments and credit notes. */
async function accountViolations(db: LedgerDb): Promise<string[]> {
  const books = postgresPayments(db);
  const accounts = await rowsOf(
    db,
    sql`select distinct client_id as client, currency from invoices where status = 'issued'
      union select client_id, currency from payments where client_id is not null`,
  );
  const found: string[] = [];
  for (const { client, currency } of accounts) {
    const movements = await books.movements(String(client), String(currency));
    const { openingMinor, rows, closingMinor } = statementOf(movements, '2026-03-10', '2999-12-31');
    const sum = rows.reduce((total, { amountMinor }) => total + amountMinor, openingMinor);
    const balances = await books.balances(String(client));
    const balance = balances.find((one) => one.currency === currency)?.balanceMinor ?? 0n;
    if (closingMinor !== balance || sum !== closingMinor) found.push(`B6 ${client} ${currency}`);
  }
  return found;
}
