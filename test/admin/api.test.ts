import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerDirectorySource } from '../../src/adapters/postgres/directory-source.ts';
import { buildDirectory } from '../../src/identify/directory.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12, 0, 30);
const NO_BUYER = {
  ...{ street: null, street2: null, postcode: null, city: null, region: null, country: null },
  ...{ buyerReference: null, orderNumber: null, electronicAddress: null, electronicScheme: null },
  ...{ language: null, termsDays: null, eInvoice: 'none', sellerId: null },
};

describe.each(LEDGER_KINDS)('the admin API over %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-api');
    rig.nowMs = NOW_MS;
  });
  afterAll(() => rig.close());

  const client = async (id: string) => {
    expect((await rig.call('POST', '/v1/clients', { json: { id, name: id } })).status).toBe(201);
  };
  const auditOf = async (subject: string) =>
    (await rig.call('GET', `/v1/audit?subject=${encodeURIComponent(subject)}`)).json.items;

  describe('clients', () => {
    const billing = {
      legalName: 'ACME GmbH',
      address: 'Hauptstraße 1\n10115 Berlin',
      email: 'billing@acme.example',
      taxId: 'DE123456789',
      currency: 'EUR',
    };

    test('are created, shown and changed, and the audit log has every change', async () => {
      const made = await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME', billing } });
      expect(made.status).toBe(201);
      expect(made.headers.get('location')).toBe('/v1/clients/acme');
      expect(made.json).toEqual({
        id: 'acme',
        name: 'ACME',
        source: 'operator',
        billing,
        buyer: NO_BUYER,
        askerClass: null,
        createdAt: '2026-03-01T12:00:30Z',
        updatedAt: '2026-03-01T12:00:30Z',
      });
      const changed = await rig.call('PATCH', '/v1/clients/acme', { json: { billing: { taxId: null } } });
      expect(changed.json).toEqual({ ...made.json, billing: { ...billing, taxId: null } });
      expect((await rig.call('GET', '/v1/clients/acme')).json).toEqual(changed.json);
      const [change, creation] = await auditOf('clients/acme');
      expect(creation).toMatchObject({ action: 'client.created', actor: 'ADMIN_TOKEN', before: null });
      expect(change).toMatchObject({
        action: 'client.changed',
        at: '2026-03-01T12:00:30Z',
        before: { name: 'ACME', billing },
        after: { name: 'ACME', billing: { ...billing, taxId: null } },
      });
    });

    test('have a class as askers, which reaches the directory', async () => {
      const made = await rig.call('POST', '/v1/clients', {
        json: { id: 'reader', name: 'Reader', askerClass: 'partner' },
      });
      expect(made.json).toMatchObject({ askerClass: 'partner' });
      const source = ledgerDirectorySource(rig.connection);
      const classOf = async () => buildDirectory(await source.load(), 60).classOf('reader');
      expect(await classOf()).toBe('partner');
      const changed = await rig.call('PATCH', '/v1/clients/reader', { json: { askerClass: 'ai_input' } });
      expect(changed.json).toEqual({ ...made.json, askerClass: 'ai_input' });
      expect(await classOf()).toBe('ai_input');
      expect((await auditOf('clients/reader'))[0]).toMatchObject({
        before: { askerClass: 'partner' },
        after: { askerClass: 'ai_input' },
      });
      await rig.call('PATCH', '/v1/clients/reader', { json: { askerClass: null } });
      expect(await classOf()).toBeNull();
      const refused = await rig.call('PATCH', '/v1/clients/reader', { json: { askerClass: 'human' } });
      expect(refused).toMatchObject({ status: 400, json: { errors: [{ field: 'askerClass' }] } });
      const token = await rig.tokenWith('finance');
      const asFinance = await rig.call('PATCH', '/v1/clients/reader', {
        json: { askerClass: 'search' },
        token,
      });
      expect(asFinance.status).toBe(403);
    });

    test('get an id that sorts by time if none is given', async () => {
      const made = await rig.call('POST', '/v1/clients', { json: { name: 'Nameless' } });
      expect(made.json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    });

    test('have a unique id', async () => {
      await client('twice');
      const again = await rig.call('POST', '/v1/clients', { json: { id: 'twice', name: 'Other' } });
      expect(again.status).toBe(409);
      expect(again.json.errors).toEqual([
        { field: 'id', pointer: '/id', reason: expect.stringContaining('taken'), hint: expect.any(String) },
      ]);
      expect((await rig.call('GET', '/v1/clients/twice')).json.name).toBe('twice');
    });

    test('get billing details if they are known by address only, but no identifiers', async () => {
      const id = 'addr:2001:db8::/64';
      await rig.db.execute(
        `insert into clients (id, name, source) values ('${id}', '2001:db8::/64', 'address')`,
      );
      const path = `/v1/clients/${encodeURIComponent(id)}`;
      expect((await rig.call('PATCH', path, { json: { billing: { legalName: 'Found Ltd' } } })).status).toBe(
        200,
      );
      expect((await rig.call('GET', path)).json.billing.legalName).toBe('Found Ltd');
      const refused = await rig.call('POST', `${path}/identifiers`, {
        json: { kind: 'cidr', cidr: '192.0.2.0/24' },
      });
      expect(refused.status).toBe(409);
    });

    test('come in pages that stay correct while others are added', async () => {
      for (const n of [1, 3, 5, 7, 9]) await client(`page-${n}`);
      const seen: string[] = [];
      let cursor = Buffer.from('page-').toString('base64url');
      for (let page = 0; page < 3; page++) {
        const { json } = await rig.call('GET', `/v1/clients?limit=2&cursor=${cursor}`);
        seen.push(...json.items.map(({ id }: { id: string }) => id));
        cursor = json.next;
        // One client sorts before the page and must not shift it, and one sorts after it.
        await client(`page-${page}-behind`);
      }
      expect(seen.slice(0, 5)).toEqual(['page-1', 'page-3', 'page-5', 'page-7', 'page-9']);
      expect(new Set(seen).size).toBe(seen.length);
      const all = await rig.call('GET', '/v1/clients?limit=1000');
      expect(all.json.next).toBeNull();
    });
  });

  describe('identifiers', () => {
    test('a key is shown once, and no response or log contains it afterwards', async () => {
      await client('keyed');
      const added = await rig.call('POST', '/v1/clients/keyed/identifiers', { json: { kind: 'api_key' } });
      expect(added.status).toBe(201);
      const { key, ...shown } = added.json;
      expect(key).toMatch(/^pmk_[A-Za-z0-9_-]{43}$/);
      expect(shown).toMatchObject({ clientId: 'keyed', kind: 'api_key', keyHint: key.slice(-4), cidr: null });
      const list = await rig.call('GET', '/v1/clients/keyed/identifiers');
      expect(list.json.items).toEqual([{ ...shown, postsLastDay: 0, shareLastDay: null }]);
      for (const path of ['/v1/audit?limit=1000', '/v1/clients/keyed', '/v1/tokens']) {
        expect((await rig.call('GET', path)).text).not.toContain(key);
      }
      expect(await everythingIn(rig)).not.toContain(key);
      expect(rig.logged.join('\n')).not.toContain(key);
    });

    test('an existing key belongs to one client until it is revoked', async () => {
      await client('first');
      await client('second');
      const add = (id: string) =>
        rig.call('POST', `/v1/clients/${id}/identifiers`, {
          json: { kind: 'api_key', key: 'a-key-of-the-platform' },
        });
      const added = await add('first');
      expect(added.status).toBe(201);
      expect(added.json.key).toBeUndefined();
      const refused = await add('second');
      expect(refused.status).toBe(409);
      expect(refused.json.errors[0]).toMatchObject({
        field: 'key',
        reason: expect.stringContaining('first'),
      });
      expect(refused.text).not.toContain('a-key-of-the-platform');
      const revoke = () => rig.call('DELETE', `/v1/clients/first/identifiers/${added.json.id}`);
      expect((await revoke()).json.revokedAt).toBe('2026-03-01T12:00:30Z');
      expect((await revoke()).status).toBe(200);
      expect((await add('second')).status).toBe(201);
      const actions = (await auditOf(`clients/first/identifiers/${added.json.id}`)).map(
        ({ action }: { action: string }) => action,
      );
      expect(actions).toEqual(['identifier.revoked', 'identifier.added']);
      expect(await everythingIn(rig)).not.toContain('a-key-of-the-platform');
    });

    test("a range must not overlap another client's", async () => {
      await client('wide');
      await client('narrow');
      const add = (id: string, cidr: string) =>
        rig.call('POST', `/v1/clients/${id}/identifiers`, { json: { kind: 'cidr', cidr } });
      const wide = await add('wide', '203.0.113.0/24');
      expect(wide.json.cidr).toBe('203.0.113.0/24');
      expect((await add('wide', '203.0.113.128/25')).status).toBe(201);
      expect((await add('wide', '2001:db8:1::/48')).json.cidr).toBe('2001:db8:1::/48');
      for (const cidr of ['203.0.113.7', '203.0.112.0/23', '2001:db8:1:5::/64', '2001:db8::/32']) {
        const refused = await add('narrow', cidr);
        expect(refused.status).toBe(409);
        expect(refused.json.errors[0]).toMatchObject({ field: 'cidr', hint: expect.any(String) });
        expect(refused.json.errors[0].reason).toMatch(
          /overlaps (203\.0\.113|2001:db8:1).* of the client wide/,
        );
      }
      expect((await add('narrow', '203.0.113.0/24')).json.errors[0].reason).toMatch(
        /belongs to the client wide/,
      );
      expect((await add('narrow', '203.0.112.0/24')).status).toBe(201);
    });

    test('an agent belongs to one client, by its token or the URL of its signer', async () => {
      await client('crawler');
      await client('rival');
      const add = (id: string, agent: string) =>
        rig.call('POST', `/v1/clients/${id}/identifiers`, { json: { kind: 'agent', agent } });
      const made = await add('crawler', 'gptbot');
      expect(made).toMatchObject({ status: 201, json: { kind: 'agent', agent: 'GPTBot', cidr: null } });
      expect(await add('rival', 'GPTBOT')).toMatchObject({
        status: 409,
        json: { errors: [{ field: 'agent' }] },
      });
      expect((await add('crawler', 'HTTPS://Signer.Example/')).json.agent).toBe('https://signer.example');
      for (const unknown of ['GPTBoot', 'Google-Extended', 'http://signer.example']) {
        expect(await add('rival', unknown)).toMatchObject({
          status: 400,
          json: { errors: [{ field: 'agent' }] },
        });
      }
      const directory = buildDirectory(await ledgerDirectorySource(rig.connection).load(), 60);
      expect(directory.byAgent('gptBOT')?.clientId).toBe('crawler');
      expect(directory.byAgent('https://signer.example/')?.clientId).toBe('crawler');
      expect(directory.byAgent('ClaudeBot')).toBeUndefined();
      const path = `/v1/clients/crawler/identifiers/${made.json.id}`;
      expect((await rig.call('DELETE', path)).json.revokedAt).not.toBeNull();
      expect((await add('rival', 'GPTBot')).status).toBe(201);
    });

    test('one of two concurrent requests for overlapping ranges succeeds', async () => {
      await client('racer-a');
      await client('racer-b');
      const answers = await Promise.all(
        ['racer-a', 'racer-b'].flatMap((id, n) =>
          [0, 1, 2].map((i) =>
            rig.call('POST', `/v1/clients/${id}/identifiers`, {
              json: { kind: 'cidr', cidr: `198.51.100.0/${24 + 2 * i + n}` },
            }),
          ),
        ),
      );
      const winners = new Set(
        answers.filter(({ status }) => status === 201).map(({ json }) => json.clientId),
      );
      expect(winners.size).toBe(1);
      expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    });

    test('an id of another client is not found', async () => {
      await client('owner');
      await client('stranger');
      const { json } = await rig.call('POST', '/v1/clients/owner/identifiers', { json: { kind: 'api_key' } });
      expect((await rig.call('DELETE', `/v1/clients/stranger/identifiers/${json.id}`)).status).toBe(404);
      const list = await rig.call('GET', '/v1/clients/owner/identifiers');
      expect(list.json.items[0].revokedAt).toBeNull();
    });
  });

  describe('tariffs', () => {
    const add = (path: string, json: unknown) => rig.call('POST', path, { json });

    test('a change is a new version from the next bucket on, with its author and reason', async () => {
      await client('tariffed');
      const path = '/v1/clients/tariffed/tariffs';
      const added = await add(path, { terms: { threshold: 4000 }, reason: 'a pilot' });
      expect(added.status).toBe(201);
      expect(added.json).toMatchObject({
        clientId: 'tariffed',
        version: 1,
        validFrom: '2026-03-01T12:01:00Z',
        reason: 'a pilot',
        createdBy: 'ADMIN_TOKEN',
        terms: { kind: 'damages', threshold: 4000, price: '15000.00', currency: 'USD', windowSeconds: 86400 },
      });
      const same = await add(path, { terms: { threshold: 5000 }, reason: 'again' });
      expect(same.status).toBe(409);
      expect(same.json.errors[0]).toMatchObject({
        field: 'validFrom',
        reason: expect.stringContaining('version 1'),
      });
      const back = await add(path, {
        terms: null,
        validFrom: '2026-04-01T00:00:00+02:00',
        reason: 'it is over',
      });
      expect(back.json).toMatchObject({ version: 2, terms: null, validFrom: '2026-03-31T22:00:00Z' });
      const list = await rig.call('GET', path);
      expect(list.json.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
      const [newest, oldest] = await auditOf('clients/tariffed/tariffs');
      expect(oldest).toMatchObject({ action: 'tariff.changed', reason: 'a pilot', before: null });
      expect(newest).toMatchObject({
        reason: 'it is over',
        before: { version: 1 },
        after: { version: 2, terms: null },
      });
    });

    test('only a correction changes the past, and it notifies billing', async () => {
      await client('corrected');
      const path = '/v1/clients/corrected/tariffs';
      const past = { terms: { kind: 'exempt' }, validFrom: '2026-02-01T00:00:00Z', reason: 'agreed by mail' };
      const refused = await add(path, past);
      expect(refused.status).toBe(400);
      expect(refused.json.errors[0]).toMatchObject({
        field: 'validFrom',
        hint: expect.stringContaining('correction'),
      });
      const added = await add(path, { ...past, correction: true });
      expect(added.json).toMatchObject({ validFrom: '2026-02-01T00:00:00Z', terms: { kind: 'exempt' } });
      const due = await rig.db.execute("select client_id from billing_due where client_id = 'corrected'");
      expect(JSON.stringify(due)).toContain('corrected');
    });

    test('unique posts are counted from now on, and in the past only if they already were', async () => {
      await client('unique');
      const path = '/v1/clients/unique/tariffs';
      const terms = { count: 'unique', price: '20000.00' };
      const past = { terms, validFrom: '2026-02-01T00:00:00Z', correction: true, reason: 'agreed' };
      const refused = await add(path, past);
      expect(refused.status).toBe(400);
      expect(refused.json.errors[0]).toEqual({
        field: 'validFrom',
        pointer: '/validFrom',
        reason: expect.stringContaining('does not have their ids'),
        hint: expect.stringContaining('from now on'),
      });
      const added = await add(path, { terms, reason: 'agreed' });
      expect(added.json).toMatchObject({ version: 1, terms: { count: 'unique', onThreshold: 'bill' } });
      const before = rig.nowMs;
      rig.nowMs = Date.parse(added.json.validFrom) + 3_600_000;
      const corrected = { ...terms, price: '10000.00' };
      const since = new Date(Date.parse(added.json.validFrom) + 60_000).toISOString();
      const second = await add(path, { ...past, terms: corrected, validFrom: since });
      expect(second.json).toMatchObject({ version: 2, terms: corrected });
      expect((await add(path, past)).status).toBe(400);
      rig.nowMs = before;
    });

    test('the default tariff has versions too, and no fallback', async () => {
      const before = await rig.call('GET', '/v1/tariffs');
      expect(before.json.items[0]).toMatchObject({
        clientId: null,
        version: 1,
        terms: { threshold: 1_000_000 },
      });
      const nothing = await add('/v1/tariffs', { terms: null, reason: 'away with it' });
      expect(nothing.json.errors[0]).toMatchObject({ field: 'terms' });
      const terms = { threshold: 900_000, currency: 'EUR', onThreshold: 'refuse' };
      const added = await add('/v1/tariffs', { terms, reason: 'the European terms' });
      expect(added.json).toMatchObject({ clientId: null, version: 2, terms });
    });

    test.each([
      [{ threshold: 0 }, 'terms.threshold'],
      [{ threshold: 1.5 }, 'terms.threshold'],
      [{ theshold: 5 }, 'terms.theshold'],
      [{ price: '1e3' }, 'terms.price'],
      [{ price: '0.001' }, 'terms.price'],
      [{ windowSeconds: 90 }, 'terms.windowSeconds'],
      [{ currency: 'usd' }, 'terms.currency'],
      [{ kind: 'gift' }, 'terms.kind'],
      [{ count: 'unique', onThreshold: 'refuse' }, 'terms.onThreshold'],
      [[], 'terms'],
    ])('terms %j are refused at %s', async (terms, field) => {
      const before = (await rig.call('GET', '/v1/tariffs?limit=1000')).text;
      const refused = await add('/v1/tariffs', { terms, reason: 'x' });
      expect(refused.status).toBe(400);
      expect(refused.json.errors[0]).toEqual({
        field,
        pointer: `/${field.replace('.', '/')}`,
        reason: expect.any(String),
        hint: expect.any(String),
      });
      expect((await rig.call('GET', '/v1/tariffs?limit=1000')).text).toBe(before);
    });

    test('a number that does not fit is refused', async () => {
      const body = '{"terms":{"threshold":1e400},"reason":"x"}';
      const refused = await rig.call('POST', '/v1/tariffs', {
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(refused.status).toBe(400);
      expect(refused.json.errors[0].field).toBe('terms.threshold');
    });
  });
});

/** All rows of all tables, as text. */
async function everythingIn(rig: ApiRig): Promise<string> {
  const tables = ['clients', 'identifiers', 'tariff_versions', 'tokens', 'audit', 'billing_due'];
  const all = await Promise.all(
    tables.map((table) => rig.db.execute(`select to_json(t)::text as row from ${table} t`)),
  );
  return JSON.stringify(all);
}
