import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresFinanceBooks } from '../../../../src/adapters/postgres/report/finance-books.ts';
import type { ReportQuery } from '../../../../src/report/finance/port.ts';
import { REPORTS, type ReportName } from '../../../../src/report/finance/reports.ts';
import { draws } from '../../../support/draws.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { addRandomBook } from './random-book.ts';

const SEEDS = Array.from({ length: draws(2) }, (_, at) => 17 + at);
const RANGE = { from: '2025-07-01', to: '2026-03-31' };
const QUERIES: ReadonlyArray<Omit<ReportQuery, 'from' | 'to'>> = [
  { asAt: '2026-12-31' },
  { asAt: '2025-12-10' },
  { asAt: '2026-02-28', clientId: 'acme', currency: 'USD' },
  { asAt: '2026-02-28', sellerId: 'eu' },
];

describe.each(LEDGER_KINDS)('financial reports over %s', (kind) => {
  describe.each(SEEDS)('equal SQL over the raw tables, seed %i', (seed) => {
    let empty: EmptyLedger;
    beforeAll(async () => {
      empty = await emptyLedger(kind, 'finance-reports');
      await addRandomBook(empty.ledger.db, seed, 60);
    });
    afterAll(() => empty.drop());

    const reported = async (name: ReportName, query: ReportQuery) => {
      const found = [];
      const books = postgresFinanceBooks(empty.ledger.db);
      for await (const part of REPORTS[name].rows(books, query)) found.push(...part);
      return found;
    };
    const compare = async (name: ReportName, statementOf: (query: ReportQuery) => SQL) => {
      let rows = 0;
      for (const query of QUERIES.map((one) => ({ ...RANGE, ...one }))) {
        const found = await reported(name, query);
        const expected = await rowsOf(empty.ledger.db, statementOf(query));
        const byText = (row: object) => JSON.stringify(Object.values(row));
        expect(found.map(byText).sort(), `${name} ${JSON.stringify(query)}`).toEqual(
          expected.map(byText).sort(),
        );
        rows += found.length;
      }
      expect(rows).toBeGreaterThan(2);
    };

    test('revenue', () => compare('revenue', revenueSql));
    test('ageing', () => compare('ageing', ageingSql));
    test('dso', () => compare('dso', dsoSql));
    test('tax', () => compare('tax', taxSql));
    test('collection', () => compare('collection', collectionSql));
    test('write-offs', () => compare('write-offs', writeOffSql));

    test('ageing as at a past date is unaffected by later payments', async () => {
      const query = { ...RANGE, asAt: '2025-12-10' };
      const { db } = empty.ledger;
      const before = await reported('ageing', query);
      const [open] = await rowsOf(
        db,
        sql`select invoice_id, client_id, seller_id, currency from receivables r where balance_minor > 0 limit 1`,
      );
      await db.execute(sql`
        insert into payments (id, seller_id, client_id, received_on, amount_minor, currency, source, at, actor)
        values ('01957a6e-0000-7000-8000-000000000001', ${open?.seller_id}, ${open?.client_id}, '2025-12-11', 1,
          ${open?.currency}, 'hand', now(), 'test')`);
      await db.execute(sql`
        insert into entries (invoice_id, kind, amount_minor, payment_id, effective_on, at, actor)
        values (${open?.invoice_id}, 'payment', -1, '01957a6e-0000-7000-8000-000000000001', '2025-12-11', now(), 'test')`);
      expect(await reported('ageing', query)).toEqual(before);
      expect(await reported('ageing', { ...query, asAt: '2027-01-01' })).not.toEqual([]);
    });
  });
});

const money = (minor: SQL) => sql`((${minor}) / 100.0)::numeric(40, 2)::text`;
const scoped = ({ clientId, currency, sellerId }: ReportQuery, table: string) => {
  const t = sql.raw(table);
  return sql`(${clientId ?? null}::text is null or ${t}.client_id = ${clientId ?? null})
    and (${currency ?? null}::text is null or ${t}.currency = ${currency ?? null})
    and (${sellerId ?? null}::text is null or coalesce(${t}.seller_id, 'default') = ${sellerId ?? null})`;
};

/** The issued documents of the query, with what entries say as at its date. */
const documentsOf = (query: ReportQuery) => sql`
  select i.*, coalesce(seller_id, 'default') as seller, (issued_at at time zone 'UTC')::date as day,
    to_char(issued_at at time zone 'UTC', 'YYYY-MM') as month,
    (select greatest(coalesce(sum(e.amount_minor), 0), 0) from entries e
      where e.invoice_id = i.id and effective_on <= ${query.asAt}::date) as open,
    (select -coalesce(sum(e.amount_minor), 0) from entries e
      left join entries undone on undone.id = e.reverses_id
      where e.invoice_id = i.id and e.effective_on <= ${query.asAt}::date
        and 'payment' in (e.kind, undone.kind)) as paid,
    (select -coalesce(sum(e.amount_minor), 0) from entries e
      left join entries undone on undone.id = e.reverses_id
      where e.invoice_id = i.id and e.effective_on <= ${query.asAt}::date
        and 'write_off' in (e.kind, undone.kind)) as given_up
  from invoices i where status = 'issued' and ${scoped(query, 'i')}`;
const issuedIn = (query: ReportQuery) => sql`
  select * from (${documentsOf(query)}) d
  where day between ${query.from}::date and least(${query.to}::date, ${query.asAt}::date)`;

const revenueSql = (query: ReportQuery) => sql`
  select month, client_id, 'Client ' || client_id as name, seller, coalesce(document->'taxRule'->>'appliesTo', 'damages') as claim,
    currency, count(*)::int as documents,
    ${money(sql`sum(case kind when 'credit_note' then 0 else amount_minor end)`)} as issued,
    ${money(sql`-sum(case kind when 'credit_note' then amount_minor else 0 end)`)} as credited,
    ${money(sql`sum(amount_minor)`)} as net, ${money(sql`sum(tax_minor)`)} as tax,
    ${money(sql`sum(paid)`)} as paid, ${money(sql`sum(given_up)`)} as given_up, ${money(sql`sum(open)`)} as open
  from (${issuedIn(query)}) d group by month, client_id, seller, claim, currency`;

const taxSql = (query: ReportQuery) => sql`
  select month, seller, currency, document->'taxRule'->>'category' as category,
    ((document->'taxRule'->>'rateBp')::int / 100.0)::numeric(9, 2)::text as rate, count(*)::int as documents,
    ${money(sql`sum(amount_minor)`)} as basis, ${money(sql`sum(tax_minor)`)} as tax
  from (${issuedIn(query)}) d group by 1, 2, 3, 4, 5`;

const ageingSql = (query: ReportQuery) => {
  const age = sql`(${query.asAt}::date - r.due_on)`;
  const undisputed = (range: SQL) =>
    money(sql`coalesce(sum(open) filter (where not is_disputed and ${range}), 0)`);
  return sql`
  select client_id, 'Client ' || client_id as name, seller, currency, ${undisputed(sql`age <= 0`)} as a0,
    ${undisputed(sql`age between 1 and 30`)} as a1, ${undisputed(sql`age between 31 and 60`)} as a2,
    ${undisputed(sql`age between 61 and 90`)} as a3, ${undisputed(sql`age > 90`)} as a4,
    ${money(sql`coalesce(sum(open) filter (where is_disputed), 0)`)} as disputed, ${money(sql`sum(open)`)} as total
  from (select d.*, ${age} as age, exists (select from disputes x where x.invoice_id = d.id
        and (opened_at at time zone 'UTC')::date <= ${query.asAt}::date
        and coalesce((resolved_at at time zone 'UTC')::date > ${query.asAt}::date, true)) as is_disputed
      from (${documentsOf(query)}) d join receivables r on r.invoice_id = d.id) aged
  where open > 0 group by client_id, seller, currency`;
};

const dsoSql = (query: ReportQuery) => sql`
  with months as (
    select least((m + interval '1 month' - interval '1 day')::date, ${query.to}::date, ${query.asAt}::date) as day, m::date as first
    from generate_series(date_trunc('month', ${query.from}::timestamp),
      least(${query.to}::timestamp, ${query.asAt}::timestamp), interval '1 month') m
  ), booked as (
    select e.*, i.currency, (i.issued_at at time zone 'UTC')::date as issued_on
    from entries e join invoices i on i.id = e.invoice_id where ${scoped(query, 'i')}
  ), owed as (
    select day, currency, sum(greatest(open, 0)) as open, sum(issued) as issued from (
      select day, currency, invoice_id, coalesce(sum(amount_minor) filter (where effective_on <= day), 0) as open,
        coalesce(sum(amount_minor) filter (where kind = 'charge' and effective_on <= day
          and effective_on > day - 90), 0) as issued
      from months cross join booked group by day, currency, invoice_id) one
    group by day, currency
  ), figures as (
    select to_char(day, 'YYYY-MM') as month, owed.* from owed
  ), paid as (
    select day, currency, count(*)::int as payments,
      percentile_disc(0.5) within group (order by effective_on - issued_on) as median,
      percentile_disc(0.9) within group (order by effective_on - issued_on) as p90
    from months join booked b on b.kind = 'payment' and effective_on between first and day
    where not exists (select from entries r where r.reverses_id = b.id and r.effective_on <= day)
    group by day, currency
  )
  select month, day::text, currency, ${money(sql`open`)} as open, ${money(sql`issued`)} as issued,
    case when issued > 0 then round(open * 90 / issued, 1)::text end as dso, coalesce(payments, 0) as payments, median, p90
  from figures left join paid using (day, currency)
  where open <> 0 or issued <> 0 or payments > 0`;

const collectionSql = (query: ReportQuery) => sql`
  with reached as (
    select n.level, i.currency, i.id, (n.at at time zone 'UTC')::date as on_day
    from dunnings n join invoices i on i.id = n.invoice_id where ${scoped(query, 'i')}
      and (n.at at time zone 'UTC')::date between ${query.from}::date and least(${query.to}::date, ${query.asAt}::date)
  )
  select level, currency, count(*)::int as reached,
    ${money(sql`sum((select greatest(sum(amount_minor), 0) from entries where invoice_id = reached.id and effective_on <= on_day))`)} as owed,
    (count(*) filter (where exists (select from entries where invoice_id = reached.id and kind = 'payment'
        and effective_on between on_day and least(on_day + 14, ${query.asAt}::date))
      and 0 >= (select sum(amount_minor) from entries where invoice_id = reached.id
        and effective_on <= least(on_day + 14, ${query.asAt}::date))))::int as paid,
    (count(*) filter (where exists (select from disputes where invoice_id = reached.id
        and (opened_at at time zone 'UTC')::date between on_day and least(on_day + 14, ${query.asAt}::date))))::int as disputed
  from reached group by level, currency`;

const writeOffSql = (query: ReportQuery) => sql`
  select effective_on::text, coalesce(document->>'displayNumber', number::text) as number, client_id,
    'Client ' || client_id as name, currency, ${money(sql`-e.amount_minor`)} as amount, e.reason, e.actor, null as reversed
  from entries e join invoices i on i.id = e.invoice_id
  where e.kind = 'write_off' and ${scoped(query, 'i')}
    and effective_on between ${query.from}::date and least(${query.to}::date, ${query.asAt}::date)`;
