/** Bank accounts, number series, tax rules and clauses through the API, on both databases. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditDifferences } from '../../src/adapters/postgres/verification/audit.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig, type Call } from './api-rig.ts';

const SELLER = '/v1/sellers/default';
const IBAN = 'DE02120300000000202051';
const OTHER_IBAN = 'DE02500105170137075030';
const ACCOUNT = { currency: 'EUR', holder: 'Platform GmbH', iban: IBAN, reason: 'opened' };

describe.each(LEDGER_KINDS)('settings of sellers on %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, `admin-seller-settings-${kind}`);
  });
  afterAll(() => rig.close());
  const post = (path: string, json: unknown, call: Call = {}) =>
    rig.call('POST', `${SELLER}${path}`, { ...call, json });
  const items = async (path: string) => (await rig.call('GET', path)).json.items;
  const faultOf = ({ status, json }: Awaited<ReturnType<ApiRig['call']>>) => [status, json.errors?.[0].field];

  test('an account is added at once by a lone person, and the latest default is the only one', async () => {
    const first = await post('/bank-accounts', { ...ACCOUNT, iban: 'de02 1203 0000 0000 2020 51' });
    expect([first.status, first.json]).toMatchObject([
      201,
      { iban: IBAN, isDefault: true, archivedAt: null },
    ]);
    const second = await post('/bank-accounts', { ...ACCOUNT, iban: OTHER_IBAN, bic: 'INGDDEFFXXX' });
    expect(second.status).toBe(201);
    const dollars = { accountNumber: '000123456789', routingNumber: '110000000', iban: null };
    await post('/bank-accounts', { ...ACCOUNT, ...dollars, currency: 'USD' });
    const defaults = async () =>
      (await items(`${SELLER}/bank-accounts`)).map((one: Record<string, unknown>) => [
        ...[one.currency, one.iban, one.isDefault],
      ]);
    expect(await defaults()).toEqual([
      ['EUR', IBAN, false],
      ['EUR', OTHER_IBAN, true],
      ['USD', null, true],
    ]);
    const again = await post(`/bank-accounts/${first.json.id}/make-default`, { reason: 'the right one' });
    expect([again.status, again.json.isDefault]).toEqual([200, true]);
    expect((await defaults()).map((one: unknown[]) => one[2])).toEqual([true, false, true]);
    expect(faultOf(await post(`/bank-accounts/${first.json.id}/make-default`, { reason: 'x' }))).toEqual([
      ...[409, 'bankAccountId'],
    ]);
    const archived = await post(`/bank-accounts/${second.json.id}/archive`, { reason: 'closed' });
    expect(archived.json).toMatchObject({ isDefault: false, archivedAt: expect.any(String) });
    expect(faultOf(await post(`/bank-accounts/${second.json.id}/make-default`, { reason: 'x' }))).toEqual([
      ...[409, 'bankAccountId'],
    ]);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test.each([
    [400, 'iban', { iban: 'DE03120300000000202051' }],
    [400, 'iban', { iban: null }],
    [400, 'bic', { bic: 'SHORT' }],
    [400, 'currency', { currency: 'EURO' }],
    [400, 'holder', { holder: 'A\nB' }],
    [400, 'reason', { reason: '' }],
    [409, 'iban', {}],
  ])('refuse an account with %s for %s, and nothing changes', async (status, field, change) => {
    const before = await items(`${SELLER}/bank-accounts`);
    expect(faultOf(await post('/bank-accounts', { ...ACCOUNT, ...change }))).toEqual([status, field]);
    expect(await items(`${SELLER}/bank-accounts`)).toEqual(before);
  });

  test('with a second person, an account is a proposal that the second accepts', async () => {
    const [first, second] = [await rig.tokenWith('admin'), await rig.tokenWith('admin')];
    const pounds = { ...ACCOUNT, currency: 'GBP', iban: 'GB33BUKB20201555555555' };
    const proposed = await post('/bank-accounts', pounds, { token: first });
    expect([proposed.status, proposed.json]).toMatchObject([202, { kind: 'bank_account', decision: null }]);
    const count = async () => (await items(`${SELLER}/bank-accounts`)).length;
    const before = await count();
    const decide = (token: string) =>
      rig.call('POST', `/v1/proposals/${proposed.json.id}/decide`, {
        ...{ token, json: { decision: 'accepted', reason: 'confirmed by telephone' } },
      });
    expect((await decide(first)).status).toBe(403);
    expect(await count()).toBe(before);
    expect((await decide(second)).status).toBe(200);
    expect((await items(`${SELLER}/bank-accounts`)).at(-1)).toMatchObject({
      currency: 'GBP',
      isDefault: true,
    });
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test('a series in use holds its kinds and its prefix; an unused one can change', async () => {
    const series = { series: 'credits', kinds: ['credit_note'], prefix: 'CN-', width: 5, isYearly: true };
    const taken = await post('/series', series);
    expect([...faultOf(taken), taken.json.detail]).toEqual([
      ...[
        409,
        'kinds',
        'kinds contains credit_note, which the series invoices numbers: archive that series first',
      ],
    ]);
    expect((await post('/series/invoices/archive', { reason: 'one series for each kind' })).status).toBe(200);
    const added = await post('/series', series);
    expect([added.status, added.json]).toMatchObject([201, { ...series, isUsed: false, archivedAt: null }]);
    expect(faultOf(await post('/series', { series: 'more', kinds: ['invoice'], prefix: 'CN-2' }))).toEqual([
      ...[409, 'prefix'],
    ]);
    expect(faultOf(await post('/series', { ...series, kinds: ['invoice'], prefix: 'X' }))).toEqual([
      ...[409, 'series'],
    ]);
    const { series: _, ...rest } = series;
    const change = { ...rest, prefix: 'GS-' };
    const put = () => rig.call('PUT', `${SELLER}/series/credits`, { json: change });
    expect((await put()).json).toMatchObject({ ...change, isUsed: false });
    await rig.db.execute(`insert into invoice_numbers (series, last) values ('credits/2026', 3)`);
    expect(faultOf(await put())).toEqual([409, 'series']);
    await expect(
      rig.db.execute(`update number_series set prefix = 'X' where series = 'credits'`),
    ).rejects.toThrow();
    const archived = await post('/series/credits/archive', { reason: 'replaced' });
    expect(archived.json).toMatchObject({ isUsed: true, archivedAt: expect.any(String) });
    expect(faultOf(await put())).toEqual([409, 'series']);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test.each([
    ['series', { series: 'A B' }],
    ['kinds', { kinds: [] }],
    ['kinds', { kinds: ['invoice', 'invoice'] }],
    ['kinds.0', { kinds: ['letter'] }],
    ['prefix', { prefix: 'Nº' }],
    ['prefix', { prefix: 'thirteen char' }],
    ['width', { width: 13 }],
  ])('refuse a series with a wrong %s (%#)', async (field, change) => {
    const series = { series: 'new', kinds: ['invoice'], prefix: 'N-', ...change };
    expect(faultOf(await post('/series', series))).toEqual([400, field]);
  });

  test('a tax rule is final, and another start replaces it', async () => {
    const licence = { appliesTo: 'licence', buyerScope: 'domestic', category: 'S', rateBp: 1900 };
    const added = await post('/tax-rules', { ...licence, validFrom: '2026-01-01T00:00:00Z' });
    expect([added.status, added.json]).toMatchObject([201, { ...licence, exemptionCode: null, reason: {} }]);
    expect(faultOf(await post('/tax-rules', { ...licence, validFrom: '2026-01-01T00:00:00Z' }))).toEqual([
      ...[409, 'validFrom'],
    ]);
    expect((await items(`${SELLER}/tax-rules`)).map((one: { category: string }) => one.category)).toEqual([
      ...['S', 'O'],
    ]);
    await expect(rig.db.execute(`update tax_rules set rate_bp = 700`)).rejects.toThrow();
    expect(faultOf(await post('/tax-rules', { ...licence, rateBp: 10_001 }))).toEqual([400, 'rateBp']);
    expect(faultOf(await post('/tax-rules', { ...licence, category: 'E' }))).toEqual([400, 'rateBp']);
    expect(faultOf(await post('/tax-rules', { ...licence, category: 'AE', rateBp: 0 }))).toEqual([
      ...[400, 'reason'],
    ]);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test('clauses are those of the product and those that were added, which a seller can name', async () => {
    const clause = {
      ...{ id: 'own-2026', family: 'own', variant: 'us', name: 'Terms', text: 'Section 5\nDamages' },
      ...{ source: 'https://platform.example/terms', law: 'Delaware', currency: 'JPY', price: '1500000' },
      ...{ threshold: 500_000, claimPeriods: [{ label: { en: 'Any claim' }, months: 36 }] },
      ...{ validFrom: '2026-01-01T00:00:00.000Z' },
    };
    const add = (change: object) =>
      rig.call('POST', '/v1/clauses', { json: { ...clause, reason: 'published', ...change } });
    const added = await add({});
    expect([added.status, added.json]).toMatchObject([
      201,
      { ...clause, validFrom: '2026-01-01T00:00:00Z', isShipped: false, reason: 'published' },
    ]);
    expect(faultOf(await add({}))).toEqual([409, 'id']);
    expect(faultOf(await add({ id: 'own-2027' }))).toEqual([409, 'validFrom']);
    expect(faultOf(await add({ id: 'x-us-2024-11-15' }))).toEqual([409, 'id']);
    const beside = { id: 'x-own', family: 'x', currency: 'USD', validFrom: '2026-01-15T00:00:00Z' };
    expect(faultOf(await add(beside))).toEqual([409, 'validFrom']);
    expect(faultOf(await add({ id: 'own-2028', price: '1.5' }))).toEqual([400, 'price']);
    expect(faultOf(await add({ id: 'own-2028', claimPeriods: [{ label: {}, months: 1 }] }))).toEqual([
      ...[400, 'claimPeriods'],
    ]);
    const listed = await items('/v1/clauses');
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([
      ...['own-2026', 'x-eu-2024-11-15', 'x-eu-2026-01-15', 'x-eu-2026-04-10'],
      ...['x-us-2024-11-15', 'x-us-2026-01-15', 'x-us-2026-04-10'],
    ]);
    const { terms } = listed.find(({ id }: { id: string }) => id === 'x-eu-2026-04-10');
    expect(terms).toMatchObject({
      kind: 'damages',
      threshold: 1_000_000,
      price: '15000.00',
      currency: 'EUR',
    });
    await rig.call('POST', '/v1/clients', { json: { id: 'european', name: 'European' } });
    const tariff = { terms, reason: 'the European terms' };
    expect((await rig.call('POST', '/v1/clients/european/tariffs', { json: tariff })).status).toBe(201);
    const page = (await rig.call('GET', '/v1/clauses?limit=3')).json;
    expect((await items(`/v1/clauses?limit=9&cursor=${page.next}`)).length).toBe(4);
    const named = await rig.call('PATCH', SELLER, { json: { clauseFamily: 'own' } });
    expect([named.status, named.json.clauseFamily]).toEqual([200, 'own']);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test('levels of dunning are those of the product, or those of the seller', async () => {
    const path = `${SELLER}/dunning-levels`;
    const product = (await rig.call('GET', path)).json;
    expect([product.isOwn, product.levels.map((one: { daysAfterDue: number }) => one.daysAfterDue)]).toEqual([
      ...[false, [3, 14, 28]],
    ]);
    const put = (...levels: object[]) => rig.call('PUT', path, { json: { levels } });
    const first = { daysAfterDue: 7, title: { de: 'Erinnerung' }, text: { de: 'Bitte\nzahlen.' } };
    const set = await put(first, { daysAfterDue: 21, isAutomatic: false });
    expect([set.status, set.json]).toEqual([
      200,
      {
        isOwn: true,
        levels: [
          { ...first, level: 1, isAutomatic: true },
          { level: 2, daysAfterDue: 21, isAutomatic: false, title: {}, text: {} },
        ],
      },
    ]);
    expect((await rig.call('GET', path)).json).toEqual(set.json);
    expect(faultOf(await put(first, first))).toEqual([400, 'levels.1.daysAfterDue']);
    expect(faultOf(await put({ daysAfterDue: 3, title: { en: 'x' } }))).toEqual([400, 'levels.0.text.en']);
    expect(faultOf(await put({ daysAfterDue: 0 }))).toEqual([400, 'levels.0.daysAfterDue']);
    expect((await rig.call('GET', path)).json).toEqual(set.json);
    expect(await auditDifferences(rig.db)).toEqual([]);
    expect((await put()).json).toEqual(product);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test('refuse what names no seller, or an archived one', async () => {
    await rig.call('POST', '/v1/sellers', { json: { id: 'old' } });
    await rig.call('POST', '/v1/sellers/old/archive', { json: { reason: 'x' } });
    const rule = { appliesTo: 'licence', category: 'S', rateBp: 1900 };
    const bodies = {
      'bank-accounts': ACCOUNT,
      series: { series: 'n', kinds: ['invoice'] },
      'tax-rules': rule,
    };
    for (const [part, json] of Object.entries(bodies)) {
      expect((await rig.call('GET', `/v1/sellers/none/${part}`)).status).toBe(404);
      expect(faultOf(await rig.call('POST', `/v1/sellers/none/${part}`, { json }))).toEqual([
        404,
        'sellerId',
      ]);
      expect(faultOf(await rig.call('POST', `/v1/sellers/old/${part}`, { json }))).toEqual([409, 'sellerId']);
    }
  });
});
