/** Co-debtors and the settings of clients as buyers, on both databases. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditDifferences } from '../../src/adapters/postgres/verification/audit.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const ACME = '/v1/clients/acme';
const UNKNOWN = '01957a6e-0000-7000-8000-000000000000';

describe.each(LEDGER_KINDS)('buyers on %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, `admin-buyers-${kind}`);
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    await rig.call('POST', '/v1/sellers', { json: { id: 'eu' } });
  });
  afterAll(() => rig.close());
  const patch = (buyer: object) => rig.call('PATCH', ACME, { json: { buyer } });
  const faultOf = ({ status, json }: Awaited<ReturnType<ApiRig['call']>>) => [status, json.errors?.[0].field];

  test('a client has the settings of a buyer, and omitted ones keep their values', async () => {
    const before = (await rig.call('GET', ACME)).json;
    expect(before.buyer).toMatchObject({ street: null, language: null, eInvoice: 'none', sellerId: null });
    const address = { street: 'Hauptstraße 1', postcode: '10115', city: 'Berlin', country: 'DE' };
    expect((await patch(address)).json.buyer).toEqual({ ...before.buyer, ...address });
    const more = {
      ...{ buyerReference: '04011000-12345-34', electronicAddress: '04011000-12345-34' },
      ...{ electronicScheme: '0204', language: 'de', termsDays: 14, eInvoice: 'xrechnung-ubl' },
      ...{ sellerId: 'eu', orderNumber: 'PO 7' },
    };
    const changed = await patch({ ...more, city: null });
    expect(changed.json.buyer).toEqual({ ...before.buyer, ...address, ...more, city: null });
    expect((await rig.call('GET', ACME)).json).toEqual(changed.json);
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test.each([
    ['buyer.country', { country: 'EU' }],
    ['buyer.sellerId', { sellerId: 'none' }],
    ['buyer.electronicScheme', { electronicScheme: null }],
    ['buyer.termsDays', { termsDays: 366 }],
    ['buyer.language', { language: 'it' }],
    ['buyer.eInvoice', { eInvoice: 'zugferd' }],
    ['buyer.street', { street: 'A\nB' }],
    ['buyer.iban', { iban: 'x' }],
  ])('refuse a wrong %s, and nothing changes', async (field, buyer) => {
    const before = (await rig.call('GET', ACME)).json;
    const refused = await patch({ orderNumber: 'other', ...buyer });
    expect(faultOf(refused), refused.text).toEqual([400, field]);
    expect((await rig.call('GET', ACME)).json).toEqual(before);
  });

  test('a seller that clients name cannot be archived, and clients cannot name an archived one', async () => {
    await patch({ sellerId: 'eu' });
    const archive = () => rig.call('POST', '/v1/sellers/eu/archive', { json: { reason: 'closed' } });
    expect((await archive()).status).toBe(409);
    await patch({ sellerId: null });
    expect((await archive()).status).toBe(200);
    expect(faultOf(await patch({ sellerId: 'eu' }))).toEqual([400, 'buyer.sellerId']);
  });

  test('a co-debtor is liable until an end, which is set once', async () => {
    const json = {
      ...{ legalName: 'ACME Holding', city: 'Paris', country: 'FR', ground: 'parent company' },
      ...{ from: '2026-01-01T00:00:00Z', reason: 'register extract' },
    };
    const added = await rig.call('POST', `${ACME}/co-debtors`, { json });
    expect([added.status, added.json]).toMatchObject([201, { ...json, clientId: 'acme', to: null }]);
    const list = async () => (await rig.call('GET', `${ACME}/co-debtors`)).json.items;
    expect(await list()).toEqual([added.json]);
    const end = (id: string, to?: string) =>
      rig.call('POST', `${ACME}/co-debtors/${id}/end`, { json: { to, reason: 'sold' } });
    expect(faultOf(await end(added.json.id, '2025-01-01T00:00:00Z'))).toEqual([400, 'to']);
    const ended = await end(added.json.id, '2026-06-01T00:00:00Z');
    expect(ended.json).toEqual({ ...added.json, to: '2026-06-01T00:00:00Z' });
    expect(faultOf(await end(added.json.id))).toEqual([409, 'coDebtorId']);
    expect(faultOf(await end(UNKNOWN))).toEqual([404, 'coDebtorId']);
    await expect(rig.db.execute(`update co_debtors set legal_name = 'Other'`)).rejects.toThrow();
    await expect(rig.db.execute(`update co_debtors set to_at = null`)).rejects.toThrow();
    expect(await auditDifferences(rig.db)).toEqual([]);
  });

  test('an unknown client has no co-debtors', async () => {
    const json = { legalName: 'x', ground: 'x', reason: 'x' };
    const path = '/v1/clients/none/co-debtors';
    expect(faultOf(await rig.call('POST', path, { json }))).toEqual([404, 'clientId']);
    expect(faultOf(await rig.call('GET', path))).toEqual([404, 'clientId']);
  });

  test.each([
    ['legalName', { legalName: undefined }],
    ['ground', { ground: '' }],
    ['country', { country: 'XX' }],
    ['electronicScheme', { electronicAddress: 'x' }],
    ['from', { from: 'yesterday' }],
  ])('refuse a co-debtor with a wrong %s', async (field, change) => {
    const json = { legalName: 'x', ground: 'x', reason: 'x', ...change };
    expect(faultOf(await rig.call('POST', `${ACME}/co-debtors`, { json }))).toEqual([400, field]);
  });
});
