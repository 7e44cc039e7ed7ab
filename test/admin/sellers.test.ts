import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditDifferences } from '../../src/adapters/postgres/verification/audit.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { pngOf } from '../support/png.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from './api-rig.ts';

const ADDRESS = { street: 'Hafenstraße 1', postcode: '20457', city: 'Hamburg', country: 'DE' };

describe.each(LEDGER_KINDS)('sellers on %s', (kind) => {
  let rig: ApiRig;
  const call: ApiRig['call'] = (...asked) => rig.call(...asked);
  beforeAll(async () => {
    rig = await apiRig(kind, `admin-sellers-${kind}`);
  });
  afterAll(() => rig.close());

  const findings = () => auditDifferences(rig.db);

  test('the default seller has no name until an administrator completes it', async () => {
    const before = (await call('GET', '/v1/sellers/default')).json;
    expect(before).toMatchObject({
      ...{ id: 'default', legalName: null, country: null, defaultLanguage: 'en', termsDays: 30 },
      ...{ texts: {}, clauseFamily: 'x', isStrict: false, logo: null, archivedAt: null },
    });
    const json = {
      ...ADDRESS,
      ...{ legalName: 'Platform GmbH', vatId: 'DE123456789', termsDays: 0, defaultLanguage: 'de' },
      ...{ electronicAddress: 'invoices@platform.example', electronicScheme: 'EM' },
      texts: { de: { title: 'Rechnung', footer: 'Geschäftsführerin: Ada\nHRB 1' } },
    };
    const changed = await call('PATCH', '/v1/sellers/default', { json });
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({ ...before, ...json, updatedAt: changed.json.updatedAt });
    expect((await call('GET', '/v1/sellers/default')).json).toEqual(changed.json);
    const [row] = (await call('GET', '/v1/audit?subject=sellers%2Fdefault')).json.items;
    expect(row).toMatchObject({ action: 'seller.changed', before: { legalName: null }, after: json });
  });

  test('a new one has the tax rule for damages, and its id is its own', async () => {
    const added = await call('POST', '/v1/sellers', { json: { id: 'eu', legalName: 'Platform EU' } });
    expect(added.status).toBe(201);
    expect(added.headers.get('location')).toBe('/v1/sellers/eu');
    expect(added.json).toMatchObject({ id: 'eu', legalName: 'Platform EU', termsDays: 30 });
    const rows = await rig.db.execute(`select category, reason from tax_rules order by created_at, id`);
    const [migrated, own] = (Array.isArray(rows) ? rows : (rows as { rows: unknown[] }).rows) as object[];
    expect(own).toEqual(migrated);
    const again = await call('POST', '/v1/sellers', { json: { id: 'eu' } });
    expect([again.status, again.json.code]).toEqual([409, 'already_exists']);
    const ids = (await call('GET', '/v1/sellers?limit=1')).json;
    expect(ids.items.map(({ id }: { id: string }) => id)).toEqual(['default']);
    const next = (await call('GET', `/v1/sellers?limit=1&cursor=${ids.next}`)).json;
    expect(next.items[0]).toEqual(added.json);
  });

  test.each([
    ['country', { country: 'XX' }],
    ['country', { country: 'de' }],
    ['termsDays', { termsDays: 366 }],
    ['termsDays', { termsDays: -1 }],
    ['termsDays', { termsDays: 1.5 }],
    ['legalName', { legalName: 'A\u0007' }],
    ['legalName', { legalName: 'x'.repeat(201) }],
    ['email', { email: 'nobody' }],
    ['electronicScheme', { electronicScheme: '1234' }],
    ['electronicAddress', { electronicAddress: null }],
    ['electronicScheme', { electronicAddress: 'x', electronicScheme: null }],
    ['electronicAddress', { electronicAddress: 'x', electronicScheme: 'EM' }],
    ['defaultLanguage', { defaultLanguage: 'it' }],
    ['texts.de.title', { texts: { de: { title: 'two\nlines' } } }],
    ['texts.de.heading', { texts: { de: { heading: 'x' } } }],
    ['texts.en.intro', { texts: { en: { intro: 'x'.repeat(2001) } } }],
    ['clauseFamily', { clauseFamily: 'X Terms' }],
    ['clauseFamily', { clauseFamily: 'unheard' }],
    ['isStrict', { isStrict: 'yes' }],
    ['logo', { logo: null }],
    ['body', {}],
  ])('refuse a wrong %s (%#), and nothing changes', async (field, json) => {
    await call('PATCH', '/v1/sellers/default', {
      json: { electronicAddress: 'invoices@platform.example', electronicScheme: 'EM' },
    });
    const before = (await call('GET', '/v1/sellers/default')).json;
    const refused = await call('PATCH', '/v1/sellers/default', { json });
    expect(refused.status, refused.text).toBe(400);
    expect(refused.json.errors.map((fault: { field: string }) => fault.field)).toContain(field);
    expect(refused.json.errors[0].hint.length).toBeGreaterThan(5);
    expect((await call('GET', '/v1/sellers/default')).json).toEqual(before);
  });

  test('an archived one cannot change, and one that clients name cannot be archived', async () => {
    await call('POST', '/v1/sellers', { json: { id: 'old' } });
    await call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    await rig.db.execute(`update clients set seller_id = 'old' where id = 'acme'`);
    const archive = (id: string) => call('POST', `/v1/sellers/${id}/archive`, { json: { reason: 'merged' } });
    const named = await archive('old');
    expect([named.status, named.json.detail]).toEqual([
      409,
      'sellerId is the seller of 1 client: give those clients another seller first',
    ]);
    expect((await archive('default')).status).toBe(409);
    expect((await archive('none')).status).toBe(404);
    await rig.db.execute(`update clients set seller_id = null where id = 'acme'`);
    const archived = await archive('old');
    expect(archived.json.archivedAt).not.toBeNull();
    expect((await archive('old')).json).toEqual(archived.json);
    const changed = await call('PATCH', '/v1/sellers/old', { json: { legalName: 'x' } });
    expect([changed.status, changed.json.errors[0].field]).toEqual([409, 'sellerId']);
    expect((await call('PATCH', '/v1/sellers/none', { json: { legalName: 'x' } })).status).toBe(404);
  });

  test('a logo is a PNG, which is kept by its hash', async () => {
    const logo = '/v1/sellers/default/logo';
    const headers = { 'content-type': 'image/png' };
    const file = pngOf();
    const set = await call('PUT', logo, { headers, body: file });
    expect([set.status, set.json.logo]).toMatchObject([200, { type: 'image/png' }]);
    const answer = await fetch(rig.url + logo, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(file);
    const transparent = await call('PUT', logo, { headers, body: pngOf({ colorType: 6 }) });
    expect([transparent.status, transparent.json.errors[0].field]).toEqual([400, 'logo']);
    const svg = await call('PUT', logo, { headers: { 'content-type': 'image/svg+xml' }, body: '<svg/>' });
    expect(svg.status).toBe(415);
    expect((await call('GET', '/v1/sellers/default')).json.logo).toEqual(set.json.logo);
    await expect(rig.db.execute(`update logos set bytes = ''`)).rejects.toThrow();
    expect((await call('DELETE', logo)).json.logo).toBeNull();
    expect((await call('GET', logo)).status).toBe(404);
    expect((await call('PUT', '/v1/sellers/none/logo', { headers, body: file })).status).toBe(404);
    expect((await call('PUT', '/v1/sellers/old/logo', { headers, body: file })).status).toBe(409);
  });

  test('agree with the audit log', async () => {
    expect(await findings()).toEqual([]);
    await rig.db.execute(`update sellers set legal_name = 'Other GmbH' where id = 'default'`);
    expect(await findings()).toMatchObject([{ code: 'record_differs', subject: 'sellers/default' }]);
    await rig.db.execute(`update sellers set legal_name = 'Platform GmbH' where id = 'default'`);
  });
});
