/** The inbox: each kind appears from its cause, for the roles that can act on it, and disappears when that is done. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { rowsOf } from '../../src/adapters/postgres/connection/db.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import type { InboxJson } from '../../src/admin/routes/inbox/inbox.ts';
import { runBilling } from '../../src/billing.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2026, 2, 1);
type Item = InboxJson['items'][number];

describe.each(LEDGER_KINDS)('the inbox over %s', (kind) => {
  let rig: ApiRig;
  let operator: string;
  let finance: string;
  let admin: string;
  let invoice: string;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-inbox');
    rig.nowMs = T0 - HOUR_MS;
    [operator, finance, admin] = [
      await rig.tokenWith('operator'),
      await rig.tokenWith('finance'),
      await rig.tokenWith('admin'),
    ] as [string, string, string];
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    const served = { requests: 1, refused: 0, bytes: 1, uncounted: 0, posts: 2_600_000 };
    const usage = [{ clientId: 'acme', identifierId: 'k', bucketMs: T0, ...served }];
    await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
    rig.nowMs = T0 + HOUR_MS;
    await bill();
  });
  afterAll(() => rig.close());

  const bill = async () => {
    const now = () => rig.nowMs ?? 0;
    const ledger = postgresBillingLedger(rig.db, { rules: RULES, lead: processLead(), now });
    await runBilling(ledger, RULES, v7, now());
  };
  const inbox = async (token: string, query = ''): Promise<Item[]> =>
    (await rig.call('GET', `/v1/inbox${query}`, { token })).json.items;
  const kindsFor = async (token: string) => (await inbox(token)).map((item) => item.kind);
  const done = async (method: string, path: string, json?: unknown, token?: string) => {
    const answer = await rig.call(method, path, { json, ...(token === undefined ? {} : { token }) });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.json;
  };

  test('is empty while nothing waits, and a draft that grows does not wait', async () => {
    expect(await inbox(finance, '?all=true')).toEqual([]);
    expect((await rig.call('GET', '/v1/inbox?all=maybe')).status).toBe(400);
  });

  test('to_approve and lacks_details: a final draft, until it is approved and its details are complete', async () => {
    rig.nowMs = T0 + 3 * DAY_MS;
    await bill();
    const items = await inbox(finance);
    expect(items.map((item) => item.kind)).toEqual(['to_approve', 'lacks_details']);
    invoice = items[0]!.subject.replace('invoices/', '');
    expect(items[0]).toMatchObject({
      ...{ title: 'draft acme', clientId: 'acme', amount: '39000.00', currency: 'USD', roles: ['finance'] },
      action: { name: 'Approve', href: `/invoices/${invoice}` },
    });
    expect(items[1]!.why).toContain('legalName, address, email');
    expect(await inbox(operator)).toEqual([]);
    expect((await inbox(operator, '?all=true')).map((item) => item.kind)).toEqual([
      'to_approve',
      'lacks_details',
    ]);
    await done('POST', `/v1/invoices/${invoice}/approve`, undefined, finance);
    expect(await kindsFor(finance)).toEqual(['lacks_details']);
  });

  test('lacks_details of the seller is for an administrator; then to_issue, until it is issued', async () => {
    const billing = { legalName: 'Acme', address: '1 Main St', email: 'ap@acme.example', currency: 'USD' };
    await done('PATCH', '/v1/clients/acme', { billing }, finance);
    expect(await kindsFor(finance)).toEqual([]);
    expect(await inbox(admin)).toMatchObject([
      {
        kind: 'lacks_details',
        why: expect.stringMatching(/seller/),
        action: { name: 'Complete', href: '/settings/sellers/default' },
      },
    ]);
    await rig.db.execute(
      sql`update sellers set legal_name = 'Platform', address = 'x', country = 'US' where id = 'default'`,
    );
    const items = await inbox(finance);
    expect(items).toMatchObject([{ kind: 'to_issue', action: { name: 'Issue' } }]);
    expect(await inbox(admin)).toEqual([]);
    await done('POST', `/v1/invoices/${invoice}/issue`);
    expect(await inbox(finance, '?all=true')).toEqual([]);
  });

  test('billing_hold: until an operator releases it', async () => {
    const hold = await done('POST', '/v1/clients/acme/hold', { reason: 'odd usage' });
    expect(await inbox(operator)).toMatchObject([
      { kind: 'billing_hold', title: 'billing hold of acme', why: 'operator: odd usage', amount: null },
    ]);
    expect(await kindsFor(finance)).toEqual([]);
    await done('POST', `/v1/billing-holds/${hold.id}/release`, { reason: 'checked' });
    expect(await kindsFor(operator)).toEqual([]);
  });

  test('to_decide: a proposal, for others than its proposer with the role that decides', async () => {
    const second = await rig.tokenWith('admin');
    const account = {
      currency: 'EUR',
      holder: 'Platform',
      iban: 'DE02120300000000202051',
      reason: 'new bank',
    };
    const { id } = await done('POST', '/v1/sellers/default/bank-accounts', account, admin);
    expect(await kindsFor(finance)).toEqual([]);
    expect(await kindsFor(admin)).toEqual([]);
    expect((await inbox(admin, '?all=true')).map((item) => item.kind)).toEqual(['to_decide']);
    expect(await inbox(second)).toMatchObject([
      {
        ...{ kind: 'to_decide', title: 'bank account of sellers/default/bank-accounts' },
        ...{ why: expect.stringContaining('proposed it: new bank'), action: { href: `/proposals/${id}` } },
      },
    ]);
    const decision = { decision: 'accepted', reason: 'called the bank' };
    await done('POST', `/v1/proposals/${id}/decide`, decision, second);
    expect(await inbox(second, '?all=true')).toEqual([]);
  });

  test('unallocated: a payment, until all of it is allocated', async () => {
    const payment = await done(
      'POST',
      '/v1/payments',
      {
        ...{
          sellerId: 'default',
          clientId: 'acme',
          receivedOn: '2026-03-04',
          amount: '100.00',
          currency: 'USD',
        },
        ...{ payer: 'Acme', reference: 'PM 1' },
      },
      finance,
    );
    expect(await inbox(finance)).toMatchObject([
      {
        kind: 'unallocated',
        title: 'payment of Acme PM 1',
        amount: '100.00',
        action: { href: `/payments/${payment.id}` },
      },
    ]);
    const allocations = [{ invoiceId: invoice, amount: '100.00' }];
    await done('POST', `/v1/payments/${payment.id}/allocations`, { allocations }, finance);
    expect(await kindsFor(finance)).toEqual([]);
  });

  test('reminder_due: a level that was due yesterday, until it is reached; disputed after 7 days', async () => {
    const [owed] = await rowsOf(
      rig.db,
      sql`select due_on::text from receivables where invoice_id = ${invoice}`,
    );
    rig.nowMs = Date.parse(String(owed?.due_on)) + 3 * DAY_MS;
    expect(await kindsFor(finance)).toEqual([]);
    rig.nowMs += DAY_MS;
    expect(await inbox(finance)).toMatchObject([
      { kind: 'reminder_due', why: expect.stringContaining('level 1 is due') },
    ]);
    const dispute = v7();
    const openedAt = new Date(rig.nowMs).toISOString();
    await rig.db.execute(sql`
      insert into disputes (id, invoice_id, opened_at, opened_by, ground, text, disputed_minor)
      values (${dispute}, ${invoice}, ${openedAt}, 'finance', 'not_us', 'x', 500)`);
    expect(await kindsFor(finance)).toEqual([]);
    rig.nowMs += 7 * DAY_MS;
    expect(await inbox(finance)).toMatchObject([
      {
        kind: 'disputed',
        amount: '5.00',
        why: 'the client disputes it (not us), without an answer for 7 days',
      },
    ]);
    await rig.db.execute(sql`
      update disputes set answered_at = now(), answered_by = 'finance', answer = 'x' where id = ${dispute}`);
    expect(await kindsFor(finance)).toEqual([]);
    await rig.db.execute(sql`
      update disputes set resolved_at = now(), resolved_by = 'finance', outcome = 'rejected', outcome_text = 'x'
      where id = ${dispute}`);
    expect(await kindsFor(finance)).toEqual(['reminder_due']);
    const at = new Date(rig.nowMs).toISOString();
    await rig.db.execute(sql`
      insert into dunnings (id, invoice_id, level, at, actor) values (${v7()}, ${invoice}, 1, ${at}, 'finance')`);
    expect(await kindsFor(finance)).toEqual([]);
  });

  test('expiring: an unpaid claim 90 days before it expires, until it is paid', async () => {
    await rig.db.execute(sql`insert into dunnings (id, invoice_id, level, at, actor)
      select gen_random_uuid(), ${invoice}, level, ${new Date(rig.nowMs!).toISOString()}::timestamptz, 'finance' from generate_series(2, 3) level`);
    // The clause of the United States lets federal claims expire a year after the first minute of the breach.
    rig.nowMs = Date.UTC(2026, 10, 30);
    expect(await kindsFor(finance)).toEqual([]);
    rig.nowMs = Date.UTC(2026, 11, 1);
    expect(await inbox(finance)).toMatchObject([
      {
        kind: 'expiring',
        why: expect.stringContaining('expires in 90 days, on 2027-03-01'),
        amount: '38900.00',
      },
    ]);
    const payment = await done(
      'POST',
      '/v1/payments',
      {
        ...{
          sellerId: 'default',
          clientId: 'acme',
          receivedOn: '2026-12-01',
          amount: '38900.00',
          currency: 'USD',
        },
      },
      finance,
    );
    const allocations = [{ invoiceId: invoice, amount: '38900.00' }];
    await done('POST', `/v1/payments/${payment.id}/allocations`, { allocations }, finance);
    expect(await inbox(finance, '?all=true')).toEqual([]);
  });

  test('co_debtor, document_failed and message_failed: until each is complete, made or sent', async () => {
    const now = new Date(rig.nowMs!).toISOString();
    await rig.db.execute(sql`
      insert into co_debtors (id, client_id, legal_name, ground, from_at, created_at, created_by, reason)
      values (${v7()}, 'acme', 'Acme Proxy', 'same operator', ${now}, ${now}, 'finance', 'x')`);
    await rig.db.execute(sql`
      insert into document_failures (subject, kind, format, language, copy, code, detail, at)
      values (${`invoices/${invoice}`}, 'invoice', 'pdf', 'en', 1, 'glyph_missing', 'no font draws it', ${now})`);
    const receiver = await done('POST', '/v1/receivers', {
      ...{ name: 'desk', kind: 'webhook', address: 'https://example.com/hook', events: ['invoice.*'] },
    });
    await done('POST', `/v1/receivers/${receiver.receiver?.id ?? receiver.id}/test`);
    await rig.db.execute(sql`update messages set state = 'given_up', created_at = ${now}`);
    const items = await inbox(finance, '?all=true');
    expect(items.map((item) => [item.kind, item.title, item.roles.join()])).toEqual([
      ['co_debtor', 'co-debtor Acme Proxy', 'finance'],
      ['document_failed', `document of invoices/${invoice}`, 'finance'],
      ['message_failed', expect.stringContaining(' to desk'), 'operator,admin'],
    ]);
    expect(items[1]!.action.href).toBe(`/invoices/${invoice}`);
    await rig.db.execute(sql`update messages set state = 'sent'`);
    await rig.db.execute(sql`delete from document_failures`);
    await rig.db.execute(sql`update co_debtors set to_at = ${now}`);
    expect(await inbox(finance, '?all=true')).toEqual([]);
  });
});
