/** Lists, sums, readings, timelines and verifications of invoices, over a ledger with every kind and state of them. */

import { parse } from 'csv-parse/sync';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findIssued, readEvidence } from '../../src/adapters/postgres/verification/evidence.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import { INVOICE_SORTS } from '../../src/admin/port.ts';
import { INVOICE_STATES } from '../../src/invoice/state.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { fillLedger, type LedgerAtWork, minute, SMALL, usageAt } from '../verify/tampered-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

// A ledger with many transactions, which takes this long only on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Invoice {
  readonly id: string;
  readonly number: number | null;
  readonly kind: string;
  readonly status: string;
  readonly state: string;
  readonly clientId: string;
  readonly currency: string;
  readonly amount: string;
  readonly issuedAt: string | null;
  readonly dueOn: string | null;
  readonly balance: string | null;
}

describe.each(LEDGER_KINDS)('invoices over %s', (kind) => {
  let rig: ApiRig;
  let work: LedgerAtWork;
  let all: Invoice[];
  const get = async (path: string) => {
    const answer = await rig.call('GET', path);
    expect(answer.status, `${path} ${answer.text}`).toBe(200);
    return answer.json;
  };
  const invoice = (number: number) => all.find((one) => one.number === number)!;

  beforeAll(async () => {
    rig = await apiRig(kind, 'invoice-book');
    work = await fillLedger(rig.db);
    // Drafts in another currency, one of an open breach, an approved and a rejected one.
    await work.client('euro', { ...SMALL, currency: 'EUR' } as typeof SMALL);
    await work.client('growing', SMALL);
    await work.client('disputed', SMALL);
    for (const id of ['euro', 'disputed']) await work.take('gateway-1', [usageAt(id, 0, 300)]);
    await work.take('gateway-1', [usageAt('growing', 100_000, 500)]);
    rig.nowMs = minute(100_001);
    await work.bill(rig.nowMs);
    const drafts: Invoice[] = (await get('/v1/invoices?status=draft')).items;
    const draftOf = (client: string) => drafts.find(({ clientId }) => clientId === client)!.id;
    await rig.call('POST', `/v1/invoices/${draftOf('euro')}/approve`);
    await rig.call('POST', `/v1/invoices/${draftOf('disputed')}/reject`, { json: { reason: 'agreed' } });
    all = (await get('/v1/invoices?limit=1000')).items;
  });
  afterAll(() => rig.close());

  test('the ledger has each state, and the filter by state agrees with the state of each', async () => {
    expect(new Set(all.map(({ state }) => state))).toEqual(
      new Set(['growing', 'to_approve', 'to_issue', 'issued', 'rejected']),
    );
    for (const state of INVOICE_STATES) {
      const found: Invoice[] = (await get(`/v1/invoices?state=${state}`)).items;
      expect(found).toEqual(all.filter((one) => one.state === state));
    }
  });

  test.each(INVOICE_SORTS)('pages by %s show each invoice once, in order', async (sort) => {
    const seen: Invoice[] = [];
    for (let cursor = ''; ; ) {
      const page = await get(`/v1/invoices?sort=${sort}&limit=2${cursor}`);
      seen.push(...page.items);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(seen.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
    const field = sort.replace('-', '');
    const isAscending = !sort.startsWith('-');
    const keys = seen.map((one) => {
      if (field === 'created') return one.id;
      if (field === 'number') return one.number;
      if (field === 'issued' || field === 'due') return field === 'due' ? one.dueOn : one.issuedAt;
      const amount = field === 'open' ? one.balance : one.amount;
      return amount === null ? null : one.currency + (Number(amount) + 1e9).toFixed(2).padStart(14, '0');
    });
    const known = keys.filter((key) => key !== null);
    expect(keys.slice(known.length).every((key) => key === null)).toBe(true);
    const sorted = known.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    expect(known).toEqual(isAscending ? sorted : sorted.reverse());
  });

  test.each([
    ['', () => true],
    ['currency=EUR', (one: Invoice) => one.currency === 'EUR'],
    ['kind=credit_note', (one: Invoice) => one.kind === 'credit_note'],
    ['client=damages', (one: Invoice) => one.clientId === 'damages'],
    ['q=AMAG', (one: Invoice) => one.clientId === 'damages'],
    ['q=acme', (one: Invoice) => one.clientId !== ''],
    ['q=4', (one: Invoice) => one.number === 4],
    ['q=%25', () => false],
    ['currency=USD&amountFrom=1.00', (one: Invoice) => one.currency === 'USD' && Number(one.amount) >= 1],
    ['currency=USD&amountTo=-0.01', (one: Invoice) => one.currency === 'USD' && Number(one.amount) < 0],
    ['issuedFrom=2026-04-01T00:00:00Z', (one: Invoice) => (one.issuedAt ?? '') >= '2026-04-01'],
    ['issuedTo=2026-04-01T00:00:00Z', (one: Invoice) => one.issuedAt !== null && one.issuedAt < '2026-04-01'],
  ])('the filter "%s" selects the same in list, sums and CSV', async (query, isWanted) => {
    const wanted = all.filter(isWanted);
    expect((await get(`/v1/invoices?limit=1000&${query}`)).items).toEqual(wanted);

    const sums = new Map<string, { invoices: number; cents: number }>();
    for (const { state, currency, amount } of wanted) {
      const sum = sums.get(`${state} ${currency}`) ?? { invoices: 0, cents: 0 };
      sums.set(`${state} ${currency}`, {
        invoices: sum.invoices + 1,
        cents: sum.cents + Math.round(Number(amount) * 100),
      });
    }
    const { items } = await get(`/v1/invoices/sums?${query}`);
    const told = items.map((item: { state: string; currency: string; invoices: number; amount: string }) => [
      `${item.state} ${item.currency}`,
      { invoices: item.invoices, cents: Math.round(Number(item.amount) * 100) },
    ]);
    expect(new Map(told)).toEqual(sums);

    const csv = (await rig.call('GET', `/v1/invoices?format=csv&bom=0&${query}`)).text;
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    expect(rows.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    const lines = (await rig.call('GET', `/v1/invoices?format=csv&bom=0&rows=lines&${query}`)).text;
    const byLine: Record<string, string>[] = parse(lines, { columns: true });
    for (const { id, amount } of wanted) {
      const own = byLine.filter((row) => row.invoice === id);
      const cents = own.reduce((sum, row) => sum + Math.round(Number(row.amount) * 100), 0);
      expect(cents).toBe(Math.round(Number(amount) * 100));
    }
    expect(new Set(byLine.map((row) => row.invoice))).toEqual(new Set(wanted.map(({ id }) => id)));
  });

  test.each([
    ['amountFrom=1', 'amountFrom'],
    ['amountTo=x&currency=USD', 'amountTo'],
    ['currency=DOLLARS', 'currency'],
    ['state=paid', 'state'],
    ['sort=client', 'sort'],
    ['rows=lines', 'rows'],
    ['issuedFrom=2026-03-02T00:00:00Z&issuedTo=2026-03-01T00:00:00Z', 'issuedFrom'],
    ['sort=number&cursor=MDE5NTdhNmUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw', 'cursor'],
    ['cursor=bnVtYmVyOkFCQw', 'cursor'],
  ])('the query "%s" is refused at its field', async (query, field) => {
    const answer = await rig.call('GET', `/v1/invoices?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toEqual({ field, reason: expect.any(String), hint: expect.any(String) });
  });

  test('the actions of an invoice are what the actions then answer', async () => {
    for (const { id } of all) {
      const { actions } = await get(`/v1/invoices/${id}`);
      expect(actions.map(({ name }: { name: string }) => name)).toEqual(['approve', 'reject', 'issue']);
      for (const { name, allowed, code, reason, hint } of actions) {
        if (allowed) continue;
        const answer = await rig.call('POST', `/v1/invoices/${id}/${name}`, {
          ...(name === 'reject' && { json: { reason: 'x' } }),
        });
        // Approving an approved invoice changes nothing and is no error.
        if (code === null) expect([answer.status, answer.json.status]).toEqual([200, 'approved']);
        else expect(answer.json).toMatchObject({ code, errors: [{ reason, hint }] });
      }
    }
  });

  test('the timeline is in order of time, from the breach to the corrections', async () => {
    const first = (await get(`/v1/invoices/${invoice(1).id}/timeline`)).items;
    const kinds: string[] = first.map(({ kind: what }: { kind: string }) => what);
    expect(kinds.toSorted()).toEqual([
      ...['approved', 'breach_began', 'breach_ended', 'closed', 'correction_drafted', 'correction_drafted'],
      ...['correction_issued', 'correction_issued', 'drafted', 'issued', 'peak'],
    ]);
    expect(kinds[0]).toBe('breach_began');
    const times = first.map(({ at }: { at: string }) => at);
    expect(times).toEqual(times.toSorted());
    expect(first.find(({ kind: what }: { kind: string }) => what === 'issued')).toMatchObject({
      actor: 'finance',
      number: 1,
    });
    const corrected = first.filter(({ kind: what }: { kind: string }) => what === 'correction_issued');
    expect(corrected.map(({ number }: { number: number }) => number)).toEqual([2, 3]);
    const growing = all.find(({ state }) => state === 'growing')!;
    const draft = (await get(`/v1/invoices/${growing.id}/timeline`)).items;
    expect(draft.at(-1)).toMatchObject({ kind: 'closes', isPlanned: true });
    const licence = (await get(`/v1/invoices/${invoice(5).id}/timeline`)).items;
    expect(licence[0]).toMatchObject({ kind: 'month_began', at: '2026-03-01T00:00:00Z' });
  });

  test.each([1, 2, 3, 4, 5])('the readings of invoice %s are those of its evidence', async (number) => {
    const told = await get(`/v1/invoices/${invoice(number).id}/readings`);
    const evidence = await withVerifiableLedger(rig.db, async (ledger, tx) => {
      const issued = (await findIssued(tx, String(number)))!;
      return readEvidence(tx, ledger, issued, issued.asOf!, {});
    });
    expect(told).toEqual({ currency: 'USD', isFinal: true, readings: evidence.readings });
  });

  test('the readings of a draft are of the usage so far', async () => {
    const draft = all.find(({ clientId }) => clientId === 'drafted')!;
    const { isFinal, readings } = await get(`/v1/invoices/${draft.id}/readings`);
    expect(isFinal).toBe(false);
    expect(readings[0]).toMatchObject({ name: 'as_billed', isUsed: true, amount: draft.amount });
  });

  test('every issued invoice is verified, and a draft has no seal yet', async () => {
    for (const one of all.filter(({ status }) => status === 'issued')) {
      expect(await get(`/v1/invoices/${one.id}/verification`)).toMatchObject({
        isSealed: true,
        findings: [],
      });
    }
    const draft = all.find(({ status }) => status === 'draft')!;
    const answer = await rig.call('GET', `/v1/invoices/${draft.id}/verification`);
    expect(answer.status).toBe(409);
  });

  test.each([
    ['a line', 'invoice_lines', 'update invoice_lines set posts = posts + 1', 'content_hash'],
    ['a total', 'invoices', 'update invoices set amount_minor = amount_minor + 1', 'invoice_sum'],
    ['a batch', 'batches', `update batches set content = '[1'`, 'batch_content'],
    [
      'the audit log',
      'audit',
      `update audit set after = '{}' where action = 'invoice.issued'`,
      'audit_differs',
    ],
  ])('a change of %s behind the back of the ledger is found', async (_what, table, statement, code) => {
    const [copy] = await all.filter(({ number }) => number === 1);
    await rig.db.execute(sql.raw(`create table kept as select * from ${table}`));
    try {
      await work.tamper(table, statement);
      const { findings } = await get(`/v1/invoices/${copy!.id}/verification`);
      expect(findings.map((one: { code: string }) => one.code)).toContain(code);
    } finally {
      await work.tamper(table, restore(table));
      await rig.db.execute(sql`drop table kept`);
    }
    expect((await get(`/v1/invoices/${copy!.id}/verification`)).findings).toEqual([]);
  });

  test('an unknown invoice is not found', async () => {
    for (const part of ['', '/readings', '/timeline', '/verification']) {
      const answer = await rig.call('GET', `/v1/invoices/01957a6e-0000-7000-8000-000000000000${part}`);
      expect(answer.status).toBe(404);
    }
  });
});

const RESTORED: Readonly<Record<string, string>> = {
  invoice_lines:
    'posts = kept.posts from kept where kept.invoice_id = t.invoice_id and kept.position = t.position',
  invoices: 'amount_minor = kept.amount_minor from kept where kept.id = t.id',
  batches:
    'content = kept.content from kept where kept.journal_id = t.journal_id and kept.last_sequence = t.last_sequence',
  audit: '"after" = kept."after" from kept where kept.id = t.id',
};

function restore(table: string): string {
  return `update ${table} t set ${RESTORED[table]}`;
}
