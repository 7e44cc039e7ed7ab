import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEvents } from '../../src/adapters/postgres/notify/write-events.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-alerts');
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
});
afterAll(() => rig.close());

const WEBHOOK = { name: 'soc', kind: 'webhook', address: 'https://hooks.example/services/T0/secret-path' };
const add = async (json: object = WEBHOOK) => (await rig.call('POST', '/v1/receivers', { json })).json;

describe('receivers', () => {
  test('the secret and the path of the address are shown once or never', async () => {
    const added = await rig.call('POST', '/v1/receivers', { json: WEBHOOK });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      address: 'hooks.example',
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      events: ['*'],
      clients: null,
      isOn: true,
      waiting: 0,
    });
    const paths = ['/v1/receivers', `/v1/receivers/${added.json.id}`, '/v1/audit'];
    for (const path of paths) {
      const { text } = await rig.call('GET', path);
      expect(text).not.toContain(added.json.secret);
      expect(text).not.toContain('secret-path');
    }
    const { rows } = (await rig.db.execute('select sealed::text from receivers')) as unknown as {
      rows: object[];
    };
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('secret-path').toString('hex'));
  });

  test('a client itself gets only events of itself that it may know', async () => {
    const own = { name: 'Client acme', kind: 'client', address: 'ap@acme.example', clients: ['acme'] };
    const added = await add(own);
    expect(added).toMatchObject({
      kind: 'client',
      address: 'ap@acme.example',
      secret: null,
      isSentHere: false,
    });
    expect(added.events).toContain('client.*');
    expect(added.events).not.toContain('*');
    const refused = async (change: object, field: string) => {
      for (const answer of [
        await rig.call('POST', '/v1/receivers', { json: { ...own, ...change } }),
        await rig.call('PATCH', `/v1/receivers/${added.id}`, { json: change }),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.json.errors).toMatchObject([{ field }]);
      }
    };
    await refused({ clients: null }, 'clients');
    await refused({ clients: ['acme', 'globex'] }, 'clients');
    await refused({ events: ['*'] }, 'events');
    await refused({ events: ['client.*', 'hold.placed'] }, 'events');
    await refused({ address: 'https://hooks.example/' }, 'address');
    await rig.call('DELETE', `/v1/receivers/${added.id}`);
  });

  test('a rotation shows a new secret, and audits without it', async () => {
    const { id, secret } = await add();
    const rotated = await rig.call('POST', `/v1/receivers/${id}/rotate`);
    expect(rotated.status).toBe(200);
    expect(rotated.json.secret).not.toBe(secret);
    expect(Date.parse(rotated.json.previousValidUntil) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const { json } = await rig.call('GET', `/v1/audit?subject=receivers/${id}`);
    expect(json.items.map((row: { action: string }) => row.action)).toEqual([
      'receiver.rotated',
      'receiver.created',
    ]);
    const chat = await add({ ...WEBHOOK, kind: 'chat' });
    expect(chat.secret).toBeNull();
    expect(await rig.call('POST', `/v1/receivers/${chat.id}/rotate`)).toMatchObject({ status: 409 });
  });

  test('changes keep what they do not name, and a removed receiver is gone', async () => {
    const { id } = await add();
    const path = `/v1/receivers/${id}`;
    const changed = await rig.call('PATCH', path, { json: { events: ['invoice.ready'], clients: ['acme'] } });
    expect(changed.json).toMatchObject({ name: 'soc', events: ['invoice.ready'], clients: ['acme'] });
    expect(
      (await rig.call('PATCH', path, { json: { address: 'https://other.example/' } })).json,
    ).toMatchObject({
      address: 'other.example',
      events: ['invoice.ready'],
    });
    expect((await rig.call('DELETE', path)).status).toBe(200);
    expect((await rig.call('GET', path)).status).toBe(404);
    expect((await rig.call('PATCH', path, { json: { isOn: true } })).status).toBe(404);
  });

  test.each([
    [{ address: 'https://169.254.169.254/latest' }, 'address', 'link-local'],
    [{ address: 'https://[::1]/' }, 'address', 'loopback'],
    [{ address: 'https://10.1.2.3/' }, 'address', 'private'],
    [{ address: 'https://localhost/' }, 'address', 'private network'],
    [{ address: 'http://hooks.example/' }, 'address', 'https'],
    [{ address: 'https://me:pw@hooks.example/' }, 'address', 'password'],
    [{ kind: 'mail', address: 'a@b.example, c@d.example' }, 'address', 'mailbox'],
    [{ kind: 'pager' }, 'kind', 'allowed values'],
    [{ events: ['invoice.paid'] }, 'events.0', 'no type'],
    [{ events: [] }, 'events', 'too small'],
    [{ name: 'two\nlines' }, 'name', 'control'],
    [{ clients: ['no spaces'] }, 'clients.0', 'client id'],
  ])('%o is refused with field and reason', async (change, field, words) => {
    const before = (await rig.call('GET', '/v1/receivers?limit=1000')).json.items.length;
    const refused = await rig.call('POST', '/v1/receivers', { json: { ...WEBHOOK, ...change } });
    expect(refused.status).toBe(400);
    expect(refused.json.errors).toMatchObject([{ field, hint: expect.any(String) }]);
    expect(refused.text).toContain(words);
    expect((await rig.call('GET', '/v1/receivers?limit=1000')).json.items).toHaveLength(before);
  });

  test('mail is sent elsewhere if this process has no mailer', async () => {
    const mail = await add({ name: 'finance', kind: 'mail', address: 'finance@example.com' });
    expect(mail).toMatchObject({ address: 'finance@example.com', isSentHere: false, secret: null });
  });
});

describe('messages', () => {
  test('a test makes a message for its receiver alone, which can be looked up and sent again', async () => {
    const [one] = [await add(), await add()];
    const tested = await rig.call('POST', `/v1/receivers/${one.id}/test`);
    expect(tested.status).toBe(201);
    expect(tested.json).toMatchObject({
      state: 'due',
      attempts: 0,
      last: null,
      receiver: { id: one.id, address: 'hooks.example' },
      event: { type: 'receiver.test', title: 'Test of the receiver soc' },
    });
    const listed = await rig.call('GET', `/v1/messages?event=${tested.json.event.id}`);
    expect(listed.json.items).toHaveLength(1);
    const detail = await rig.call('GET', `/v1/messages/${tested.json.id}`);
    expect(detail.json).toEqual({ ...tested.json, log: [] });
    expect((await rig.call('POST', `/v1/messages/${tested.json.id}/resend`)).json).toMatchObject({
      state: 'due',
    });
    expect((await rig.call('GET', `/v1/receivers/${one.id}`)).json.waiting).toBe(1);

    await rig.call('PATCH', `/v1/receivers/${one.id}`, { json: { isOn: false } });
    expect((await rig.call('GET', `/v1/messages?receiver=${one.id}&state=skipped`)).json.items).toHaveLength(
      1,
    );
    expect((await rig.call('POST', `/v1/messages/${tested.json.id}/resend`)).status).toBe(409);
    expect((await rig.call('POST', `/v1/receivers/${one.id}/test`)).status).toBe(409);
    await rig.call('PATCH', `/v1/receivers/${one.id}`, { json: { isOn: true } });
    const again = await rig.call('POST', `/v1/receivers/${one.id}/resend-failed`, { json: {} });
    expect(again.json).toEqual({ messages: 1 });
  });

  test('events are listed newest first, filtered, and page by page', async () => {
    for (const at of [1, 2, 3]) {
      const event = {
        type: 'breach.opened',
        subject: `breaches/${at}`,
        clientId: 'acme',
        atMs: Date.now(),
        data: {},
      };
      await rig.db.transaction((tx) => writeEvents(tx, [event]));
    }
    const first = (await rig.call('GET', '/v1/events?client=acme&type=breach.*&limit=2')).json;
    expect(first.items.map((event: { subject: string }) => event.subject)).toEqual([
      'breaches/3',
      'breaches/2',
    ]);
    expect(first.items[0].messages).toBeGreaterThan(0);
    const next = (await rig.call('GET', `/v1/events?client=acme&type=breach.*&limit=2&cursor=${first.next}`))
      .json;
    expect(next).toMatchObject({ items: [{ subject: 'breaches/1' }], next: null });
    expect((await rig.call('GET', '/v1/events?subject=breaches/2')).json.items).toHaveLength(1);
    expect((await rig.call('GET', '/v1/events?type=nonsense')).status).toBe(400);
  });

  test('what operators do is reported: holds, releases and tariffs', async () => {
    const held = (await rig.call('POST', '/v1/clients/acme/hold', { json: { reason: 'a complaint' } })).json;
    await rig.call('POST', `/v1/billing-holds/${held.id}/release`, { json: { reason: 'settled' } });
    await rig.call('POST', '/v1/clients/acme/tariffs', {
      json: { terms: { kind: 'exempt' }, reason: 'a friend' },
    });
    const { items } = (await rig.call('GET', '/v1/events?client=acme&limit=3')).json;
    expect(items).toMatchObject([
      {
        type: 'tariff.changed',
        subject: 'clients/acme/tariffs',
        data: { reason: 'a friend', kind: 'exempt' },
      },
      { type: 'hold.released', subject: 'clients/acme', data: { reason: 'settled', code: 'operator' } },
      { type: 'hold.placed', subject: 'clients/acme', data: { reason: 'a complaint', actor: 'ADMIN_TOKEN' } },
    ]);
  });
});

describe('levels', () => {
  test('have a default, can be set for all and for one client, and are audited', async () => {
    expect((await rig.call('GET', '/v1/levels')).json).toEqual({ levels: [80, 95, 100], isSet: false });
    const set = await rig.call('PUT', '/v1/levels', { json: { levels: [100, 90, 90] } });
    expect(set.json).toEqual({ levels: [90, 100], isSet: true });
    const path = '/v1/clients/acme/levels';
    expect((await rig.call('GET', path)).json).toEqual({ levels: [90, 100], isOwn: false, reached: [] });
    expect((await rig.call('PUT', path, { json: { levels: [50] } })).json).toMatchObject({
      levels: [50],
      isOwn: true,
    });
    expect((await rig.call('GET', '/v1/client-levels')).json.items).toMatchObject([
      { clientId: 'acme', levels: [50] },
    ]);
    expect((await rig.call('PUT', path, { json: { levels: null } })).json).toMatchObject({ isOwn: false });
    expect((await rig.call('PUT', '/v1/levels', { json: { levels: null } })).json.levels).toEqual([
      80, 95, 100,
    ]);
    expect((await rig.call('GET', '/v1/audit?subject=clients/acme/levels')).json.items).toHaveLength(2);
    expect((await rig.call('PUT', path, { json: { levels: [0] } })).status).toBe(400);
    expect((await rig.call('GET', '/v1/clients/nobody/levels')).status).toBe(404);
  });
});
