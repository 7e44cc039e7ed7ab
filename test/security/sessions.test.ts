/** Attacks on sessions of the console: theft, fixation, other sites, redirects, and sessions that must have ended. */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/adapters/postgres/connection/db.ts';
import { type ApiRig, apiRig } from '../admin/api-rig.ts';
import { type ConsoleVisitor, sendForm, signIn } from '../admin/console-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const AWAY = /^\/sign-in/;

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'security-sessions');
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.nowMs = null;
});

const isIn = async (visitor: ConsoleVisitor) => (await visitor.get('/audit')).status === 200;
const withCookie = (cookie: string, headers: Readonly<Record<string, string>> = {}) => ({
  token: null,
  headers: { cookie, ...headers },
});

describe('a cookie', () => {
  test('is out of reach of scripts and of other sites, and over TLS bound to this host', async () => {
    const plain = await sendForm(rig, '/sign-in', { token: 'the-token-of-the-environment' });
    expect(plain.headers.get('set-cookie')).toMatch(/^postmeter=pmt_[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const tls = await sendForm(
      rig,
      '/sign-in',
      { token: 'the-token-of-the-environment' },
      { 'x-forwarded-proto': 'https' },
    );
    const cookie = tls.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^__Host-postmeter=pmt_/);
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(part);
    expect(cookie).not.toContain('Domain');
  });

  test('that an attacker has planted does not become a session (fixation)', async () => {
    const planted = `postmeter=pmt_${'A'.repeat(43)}`;
    const answer = await sendForm(
      rig,
      '/sign-in',
      { token: 'the-token-of-the-environment' },
      { cookie: planted },
    );
    expect(answer.headers.get('set-cookie')).not.toContain(planted);
    expect((await rig.call('GET', '/v1/clients', withCookie(planted))).status).toBe(401);
  });

  test('cannot be made from a stolen ledger, which has hashes only', async () => {
    const { cookie } = await signIn(rig);
    const secret = cookie.split('=')[1]!;
    const rows = await rowsOf(rig.db, sql`select * from sessions`);
    expect(JSON.stringify(rows)).not.toContain(secret);
    for (const { hash } of rows as unknown as ReadonlyArray<{ hash: string }>) {
      expect((await rig.call('GET', '/v1/clients', withCookie(`postmeter=${hash}`))).status).toBe(401);
      expect((await rig.call('GET', '/v1/clients', { token: hash })).status).toBe(401);
    }
    expect((await rig.call('GET', '/v1/clients', { token: secret })).status).toBe(401);
  });
});

describe('a page of another site', () => {
  const FOREIGN = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', ''])(
    'cannot change anything with the cookie and a body of type "%s"',
    async (type) => {
      const { cookie } = await signIn(rig);
      const headers = { ...FOREIGN, ...(type === '' ? {} : { 'content-type': type }) };
      for (const path of ['/sessions', '/sign-out', '/v1/clients']) {
        const body = type === '' ? {} : { body: 'all=yes' };
        const answer = await rig.call('POST', path, { ...withCookie(cookie, headers), ...body });
        expect(`${path}: ${answer.status}`).toBe(`${path}: 403`);
      }
      const deleted = await rig.call('DELETE', '/v1/sessions', withCookie(cookie, FOREIGN));
      expect(deleted.json.code).toBe('cross_site');
      expect((await rig.call('GET', '/audit', withCookie(cookie))).status).toBe(200);
    },
  );

  test('cannot send JSON, because no preflight request is allowed', async () => {
    const headers = { ...FOREIGN, 'access-control-request-method': 'POST' };
    const preflight = await rig.call('OPTIONS', '/v1/clients', { token: null, headers });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(null);
  });

  test('cannot sign a person in', async () => {
    const answer = await sendForm(rig, '/sign-in', { token: 'the-token-of-the-environment' }, FOREIGN);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('set-cookie')).toBe(null);
  });

  test('cannot show the console in a frame (clickjacking)', async () => {
    const visitor = await signIn(rig);
    for (const { headers } of [await visitor.get('/audit'), await visitor.get('/nothing-here')]) {
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
    }
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%0d%0aset-cookie:x',
    'javascript:alert(1)',
  ])('is not where a sign-in leads (open redirect to %s)', async (to) => {
    const answer = await sendForm(rig, '/sign-in', { token: 'the-token-of-the-environment', to });
    expect(answer.status).toBe(303);
    expect(new URL(answer.location!, 'http://console.test').host).toBe('console.test');
  });
});

describe('a session ends', () => {
  test('with the sign-out, for whoever copied the cookie too', async () => {
    const visitor = await signIn(rig);
    await visitor.post('/sign-out', {});
    expect(await isIn(visitor)).toBe(false);
    expect((await rig.call('GET', '/v1/clients', withCookie(visitor.cookie))).json.code).toBe(
      'session_ended',
    );
  });

  test('after 30 minutes without a request, and pages that renew themselves do not count', async () => {
    rig.nowMs = Date.now();
    const visitor = await signIn(rig);
    for (let minutes = 0; minutes < 60; minutes += 20) {
      rig.nowMs += 20 * MINUTE_MS;
      expect(await isIn(visitor)).toBe(true);
    }
    const live = { 'postmeter-live': '1' };
    rig.nowMs += 20 * MINUTE_MS;
    expect((await rig.call('GET', '/audit', withCookie(visitor.cookie, live))).status).toBe(200);
    rig.nowMs += 11 * MINUTE_MS;
    expect((await visitor.get('/audit')).location).toMatch(AWAY);
  });

  test('after 12 hours, however busy', async () => {
    rig.nowMs = Date.now();
    const started = rig.nowMs;
    const visitor = await signIn(rig);
    while (rig.nowMs + 25 * MINUTE_MS < started + 12 * HOUR_MS) {
      rig.nowMs += 25 * MINUTE_MS;
      expect(await isIn(visitor)).toBe(true);
    }
    rig.nowMs = started + 12 * HOUR_MS;
    expect(await isIn(visitor)).toBe(false);
  });

  test('at once when its token is revoked', async () => {
    const made = (await rig.call('POST', '/v1/tokens', { json: { name: 'gone', roles: ['viewer'] } })).json;
    const visitor = await signIn(rig, made.token);
    expect(await isIn(visitor)).toBe(true);
    await rig.call('DELETE', `/v1/tokens/${made.id}`);
    expect(await isIn(visitor)).toBe(false);
  });

  test('when its owner signs out everywhere, and only for the owner', async () => {
    const token = await rig.tokenWith('viewer');
    const [first, second, other] = [await signIn(rig, token), await signIn(rig, token), await signIn(rig)];
    await first.post('/sessions', { all: 'yes' });
    expect([await isIn(first), await isIn(second), await isIn(other)]).toEqual([false, false, true]);
  });

  test('only by its owner or an admin', async () => {
    const owner = await signIn(rig, await rig.tokenWith('viewer'));
    const stranger = await signIn(rig, await rig.tokenWith('operator', 'finance'));
    const list = (await rig.call('GET', '/v1/sessions', withCookie(owner.cookie))).json.items;
    const own = list.find((session: { isCurrent: boolean }) => session.isCurrent);
    const foreign = (await rig.call('GET', '/v1/sessions', withCookie(stranger.cookie))).json.items;
    expect(foreign.map((session: { id: string }) => session.id)).not.toContain(own.id);
    expect((await stranger.post('/sessions', { id: own.id })).status).toBe(404);
    expect(await isIn(owner)).toBe(true);
    expect((await rig.call('DELETE', `/v1/sessions/${own.id}`)).status).toBe(200);
    expect(await isIn(owner)).toBe(false);
  });
});

test('a session has the roles of its token, and no more', async () => {
  const { cookie } = await signIn(rig, await rig.tokenWith('viewer'));
  const call = withCookie(cookie, { 'sec-fetch-site': 'same-origin' });
  expect((await rig.call('GET', '/v1/clients', call)).status).toBe(200);
  expect((await rig.call('POST', '/v1/clients', { ...call, json: { id: 'x', name: 'x' } })).status).toBe(403);
});

test('over plain HTTP, only a loopback host may sign in', async () => {
  const { request } = await import('node:http');
  const status = await new Promise<number>((resolve, reject) => {
    const headers = {
      host: 'admin.example',
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    };
    request(`${rig.url}/sign-in`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.headers['set-cookie'] === undefined ? response.statusCode! : -1);
    })
      .on('error', reject)
      .end('token=the-token-of-the-environment');
  });
  expect(status).toBe(403);
});

test('sign-ins, failed sign-ins and sign-outs are in the audit log, without secrets', async () => {
  const visitor = await signIn(rig);
  await visitor.post('/sign-out', {});
  const failed = await sendForm(rig, '/sign-in', { token: 'pmt_a-wrong-one' });
  expect(failed.status).toBe(401);
  const { items } = (await rig.call('GET', '/v1/audit?limit=10')).json;
  const actions = items.map(({ action }: { action: string }) => action);
  expect(actions.slice(0, 3)).toEqual(['session.refused', 'session.ended', 'session.started']);
  expect(items[0].after.peer).toMatch(/127\.0\.0\.1|::1/);
  expect(JSON.stringify(items)).not.toMatch(/a-wrong-one|pmt_/);
});
