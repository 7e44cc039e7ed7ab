import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../src/admin/port.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const UUID = '01957a6e-0000-7000-8000-000000000000';
const everybody: readonly Role[] = ROLES;
const operator: readonly Role[] = ['operator'];
const finance: readonly Role[] = ['finance'];
const operatorOrFinance: readonly Role[] = ['operator', 'finance'];
const rights: readonly Role[] = ['rights'];
/** Operators manage tokens only until a token with the role admin exists, as it does here. */
const admin: readonly Role[] = ['admin'];
const alerting: readonly Role[] = ['operator', 'admin'];

const SETTINGS = {
  source: 'platform',
  reason: 'x',
  settings: [{ kind: 'post', name: '1', state: 'no_training' }],
};

const POLICY = {
  terms: { version: '1', url: 'https://platform.example/tos' },
  rightsholder: { name: 'x', email: 'x@platform.example' },
};

const ACCOUNT = { currency: 'EUR', holder: 'x', iban: 'DE02120300000000202051', reason: 'x' };
const SERIES = { kinds: ['invoice'], prefix: 'M-', width: 0, isYearly: false };
const TAX_RULE = { appliesTo: 'licence', category: 'S', rateBp: 1900 };
const CLAUSE = {
  ...{ id: 'own', family: 'own', variant: 'us', name: 'x', text: 'x', source: 'x', law: 'x', reason: 'x' },
  ...{ currency: 'USD', price: '1', threshold: 1, claimPeriods: [], validFrom: '2026-01-01T00:00:00Z' },
};
const ALLOCATIONS = { allocations: [{ invoiceId: UUID, amount: '1.00' }] };

/** Every route behind a token, the roles that may call it, and a body that passes validation. */
const ROUTES: ReadonlyArray<[method: string, path: string, allowed: readonly Role[], json?: unknown]> = [
  ['GET', '/metrics', everybody],
  ['GET', '/v1/clients', everybody],
  ['POST', '/v1/clients', operator, { id: 'matrix', name: 'x' }],
  ['GET', '/v1/clients/{clientId}', everybody],
  ['PATCH', '/v1/clients/{clientId}', operator, { name: 'x' }],
  ['PATCH', '/v1/clients/{clientId}', finance, { billing: { taxId: 'x' } }],
  ['GET', '/v1/clients/{clientId}/identifiers', everybody],
  ['POST', '/v1/clients/{clientId}/identifiers', operator, { kind: 'api_key' }],
  ['DELETE', '/v1/clients/{clientId}/identifiers/{identifierId}', operator],
  [
    'POST',
    '/v1/clients/{clientId}/identifiers/{identifierId}/move',
    operator,
    { to: 'matrix', from: '2026-01-01T00:00:00Z', reason: 'x' },
  ],
  ['POST', '/v1/clients/{clientId}/hold', operator, { reason: 'x' }],
  ['GET', '/v1/clients/{clientId}/tariffs', everybody],
  ['POST', '/v1/clients/{clientId}/tariffs', operator, { terms: null, reason: 'x' }],
  ['GET', '/v1/clients/{clientId}/usage', everybody],
  ['GET', '/v1/client-policies', everybody],
  ['GET', '/v1/clients/{clientId}/policy', everybody],
  ['PUT', '/v1/clients/{clientId}/policy', operator, { action: 'allow', reason: 'x' }],
  ['DELETE', '/v1/clients/{clientId}/policy', operator],
  ['GET', '/v1/usage', everybody],
  ['GET', '/v1/gaps', everybody],
  ['GET', '/v1/journals', everybody],
  ['GET', '/v1/verification', everybody],
  ['POST', '/v1/verification', ['operator', 'finance', 'admin']],
  ['GET', '/v1/invoices/{invoiceId}/disputes', everybody],
  ['POST', '/v1/invoices/{invoiceId}/disputes', finance, { ground: 'other', text: 'x' }],
  ['POST', '/v1/disputes/{disputeId}/answer', finance, { text: 'x' }],
  ['POST', '/v1/disputes/{disputeId}/resolve', finance, { outcome: 'rejected', text: 'x' }],
  ['GET', '/v1/invoices/{invoiceId}/dunnings', everybody],
  ['POST', '/v1/invoices/{invoiceId}/remind', finance],
  ['POST', '/v1/invoices/{invoiceId}/write-off', finance, { reason: 'x' }],
  [
    'POST',
    '/v1/invoices/{invoiceId}/credit-note',
    finance,
    { lines: [{ line: 1, amount: '1.00' }], ground: 'goodwill', reason: 'x' },
  ],
  [
    'POST',
    '/v1/invoices/{invoiceId}/supplement',
    finance,
    { lines: [{ line: 1, amount: '1.00' }], reason: 'x' },
  ],
  ['GET', '/v1/proposals', everybody],
  ['GET', '/v1/proposals/{proposalId}', everybody],
  ['POST', '/v1/proposals/{proposalId}/decide', ['finance', 'admin'], { decision: 'rejected', reason: 'x' }],
  ['GET', '/v1/billing-holds', everybody],
  ['POST', '/v1/billing-holds/{billingHoldId}/release', operator, { reason: 'x' }],
  ['GET', '/v1/overview', everybody],
  ['GET', '/v1/inbox', everybody],
  ['GET', '/v1/reports', everybody],
  ['GET', '/v1/reports/{report}', everybody],
  ['GET', '/v1/tariffs/overview', everybody],
  ['GET', '/v1/clients/{clientId}/chart', everybody],
  ['GET', '/v1/clients/{clientId}/readings', everybody],
  ['GET', '/v1/clients/{clientId}/notes', everybody],
  ['POST', '/v1/clients/{clientId}/notes', operatorOrFinance, { text: 'x' }],
  ['GET', '/v1/clients/{clientId}/co-debtors', everybody],
  ['POST', '/v1/clients/{clientId}/co-debtors', finance, { legalName: 'x', ground: 'x', reason: 'x' }],
  ['POST', '/v1/clients/{clientId}/co-debtors/{coDebtorId}/end', finance, { reason: 'x' }],
  ['PATCH', '/v1/clients/{clientId}', finance, { buyer: { city: 'x' } }],
  ['GET', '/v1/what-ifs', everybody],
  ['POST', '/v1/what-ifs', operator, { terms: {} }],
  ['GET', '/v1/what-ifs/{whatIfId}', everybody],
  ['GET', '/v1/what-ifs/{whatIfId}/clients', everybody],
  ['POST', '/v1/what-ifs/{whatIfId}/cancel', operator],
  ['POST', '/v1/what-ifs/{whatIfId}/resume', operator],
  ['GET', '/v1/uncounted', everybody],
  ['GET', '/v1/routes', everybody],
  ['GET', '/v1/askers', everybody],
  ['POST', '/v1/rights/what-if', everybody, {}],
  ['GET', '/v1/routes/hours?route=/posts', everybody],
  ['POST', '/v1/probe', operator, { path: '/' }],
  ['GET', '/v1/totals', everybody],
  ['GET', '/v1/callers', everybody],
  ['GET', '/v1/callers/promotions', everybody],
  [
    'POST',
    '/v1/callers/promote',
    operator,
    { client: { id: 'matrix' }, callers: ['addr:192.0.2.1'], from: '2026-01-01T00:00:00Z', reason: 'x' },
  ],
  ['POST', '/v1/callers/promotions/{promotionId}/undo', operator, { reason: 'x' }],
  ['GET', '/v1/tariffs', everybody],
  ['POST', '/v1/tariffs', operator, { terms: {}, reason: 'x', validFrom: '2999-01-01T00:00:00Z' }],
  ['DELETE', '/v1/tariffs/{versionId}?reason=x', operator],
  ['DELETE', '/v1/clients/{clientId}/tariffs/{versionId}?reason=x', operator],
  ['GET', '/v1/breaches', everybody],
  ['GET', '/v1/breaches/{breachId}', everybody],
  ['GET', '/v1/invoices', everybody],
  ['GET', '/v1/invoices/{invoiceId}', everybody],
  ['GET', '/v1/invoices/sums', everybody],
  ['POST', '/v1/invoices/approve', finance, { ids: [UUID] }],
  ['POST', '/v1/invoices/issue', finance, { ids: [UUID] }],
  ['GET', '/v1/invoices/{invoiceId}/readings', everybody],
  ['GET', '/v1/invoices/{invoiceId}/timeline', everybody],
  ['GET', '/v1/invoices/{invoiceId}/verification', everybody],
  ['GET', '/v1/invoices/{invoiceId}/evidence', everybody],
  ['GET', '/v1/invoices/{invoiceId}/documents', everybody],
  ['GET', '/v1/invoices/{invoiceId}/documents/{documentId}', everybody],
  ['POST', '/v1/invoices/{invoiceId}/documents', ['finance', 'admin'], {}],
  ['GET', '/v1/invoices/{invoiceId}/preview', everybody],
  ['POST', '/v1/invoices/{invoiceId}/letters', finance, {}],
  ['POST', '/v1/invoices/{invoiceId}/send', finance, { channel: 'mail' }],
  ['POST', '/v1/invoices/{invoiceId}/approve', finance],
  ['POST', '/v1/invoices/{invoiceId}/reject', finance, { reason: 'x' }],
  ['POST', '/v1/invoices/{invoiceId}/issue', finance],
  ['GET', '/v1/invoice-numbers', everybody],
  ['POST', '/v1/invoice-numbers/advance', finance, { last: 1, reason: 'x' }],
  ['GET', '/v1/invoices/{invoiceId}/entries', everybody],
  ['GET', '/v1/payments', everybody],
  ['POST', '/v1/payments', finance, { receivedOn: '2026-01-01', amount: '1.00', currency: 'USD' }],
  ['GET', '/v1/payments/{paymentId}', everybody],
  ['POST', '/v1/payments/{paymentId}/allocations', finance, ALLOCATIONS],
  ['POST', '/v1/payments/{paymentId}/refunds', finance, { amount: '1.00', reason: 'x' }],
  [
    'POST',
    '/v1/payments/import',
    finance,
    { csv: 'date,amount', mapping: { receivedOn: 'date', amount: 'amount' }, source: 'bank' },
  ],
  ['POST', '/v1/entries/{entryId}/reverse', finance, { reason: 'x' }],
  ['POST', '/v1/credit-notes/{creditNoteId}/allocations', finance, ALLOCATIONS],
  ['POST', '/v1/credit-notes/{creditNoteId}/refunds', finance, { amount: '1.00', reason: 'x' }],
  ['GET', '/v1/clients/{clientId}/statement', everybody],
  ['GET', '/v1/clients/{clientId}/balances', everybody],
  ['GET', '/v1/rights/subjects', everybody],
  ['GET', '/v1/rights/subjects/{subjectId}', everybody],
  ['GET', '/v1/rights/subjects/{subjectId}/settings', everybody],
  ['GET', '/v1/rights/sources', everybody],
  ['GET', '/v1/rights/explain?post=1', everybody],
  ['POST', '/v1/rights/settings', rights, SETTINGS],
  ['POST', '/v1/rights/imports?source=x&reason=x', rights],
  ['GET', '/v1/policies', everybody],
  ['POST', '/v1/policies', rights, { policy: POLICY, reason: 'x' }],
  ['GET', '/v1/policies/{version}', everybody],
  ['GET', '/v1/policies/{version}/documents/{name}', everybody],
  ['POST', '/v1/policies/check', rights, {}],
  ['GET', '/v1/sellers', everybody],
  ['POST', '/v1/sellers', admin, { id: 'second' }],
  ['GET', '/v1/sellers/{sellerId}', everybody],
  ['PATCH', '/v1/sellers/{sellerId}', admin, { legalName: 'x' }],
  ['POST', '/v1/sellers/{sellerId}/archive', admin, { reason: 'x' }],
  ['GET', '/v1/sellers/{sellerId}/logo', everybody],
  ['PUT', '/v1/sellers/{sellerId}/logo', admin],
  ['DELETE', '/v1/sellers/{sellerId}/logo', admin],
  ['GET', '/v1/sellers/{sellerId}/bank-accounts', everybody],
  ['POST', '/v1/sellers/{sellerId}/bank-accounts', admin, ACCOUNT],
  ['POST', '/v1/sellers/{sellerId}/bank-accounts/{bankAccountId}/make-default', admin, { reason: 'x' }],
  ['POST', '/v1/sellers/{sellerId}/bank-accounts/{bankAccountId}/archive', admin, { reason: 'x' }],
  ['GET', '/v1/sellers/{sellerId}/series', everybody],
  ['POST', '/v1/sellers/{sellerId}/series', admin, { ...SERIES, series: 'matrix' }],
  ['PUT', '/v1/sellers/{sellerId}/series/{series}', admin, SERIES],
  ['POST', '/v1/sellers/{sellerId}/series/{series}/archive', admin, { reason: 'x' }],
  ['GET', '/v1/sellers/{sellerId}/tax-rules', everybody],
  ['POST', '/v1/sellers/{sellerId}/tax-rules', admin, TAX_RULE],
  ['GET', '/v1/sellers/{sellerId}/dunning-levels', everybody],
  ['PUT', '/v1/sellers/{sellerId}/dunning-levels', admin, { levels: [] }],
  ['GET', '/v1/clauses', everybody],
  ['POST', '/v1/clauses', admin, CLAUSE],
  ['GET', '/v1/tokens', everybody],
  ['POST', '/v1/tokens', admin, { name: 'x', roles: ['viewer'] }],
  ['DELETE', '/v1/tokens/{tokenId}', admin],
  ['GET', '/v1/sessions', everybody],
  ['DELETE', '/v1/sessions', everybody],
  ['DELETE', '/v1/sessions/{sessionId}', everybody],
  ['GET', '/v1/audit', everybody],
  ['GET', '/v1/receivers', everybody],
  ['POST', '/v1/receivers', alerting, { name: 'x', kind: 'webhook', address: 'https://hooks.example/' }],
  ['GET', '/v1/receivers/{receiverId}', everybody],
  ['PATCH', '/v1/receivers/{receiverId}', alerting, { name: 'x' }],
  ['DELETE', '/v1/receivers/{receiverId}', alerting],
  ['POST', '/v1/receivers/{receiverId}/test', alerting],
  ['POST', '/v1/receivers/{receiverId}/rotate', alerting],
  ['POST', '/v1/receivers/{receiverId}/resend-failed', alerting, {}],
  ['GET', '/v1/agents', everybody],
  ['GET', '/v1/agents/check?address=8.8.8.8&agent=GPTBot', operator],
  ['GET', '/v1/agents/{token}/verdicts', everybody],
  ['POST', '/v1/agents/refresh', operator, {}],
  ['GET', '/v1/levels', everybody],
  ['PUT', '/v1/levels', alerting, { levels: [80] }],
  ['GET', '/v1/client-levels', everybody],
  ['GET', '/v1/clients/{clientId}/levels', everybody],
  ['PUT', '/v1/clients/{clientId}/levels', alerting, { levels: null }],
  ['GET', '/v1/events', everybody],
  ['GET', '/v1/messages', everybody],
  ['GET', '/v1/messages/{messageId}', everybody],
  ['POST', '/v1/messages/{messageId}/resend', alerting],
];

let rig: ApiRig;
const tokens = new Map<Role, string>();
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-access');
  for (const role of ROLES) tokens.set(role, await rig.tokenWith(role));
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
});
afterAll(() => rig.close());

const real = (path: string) =>
  path
    .replace('{clientId}', 'acme')
    .replace('{subjectId}', '1')
    .replace('{entryId}', '1')
    .replace('{sellerId}', 'default')
    .replace('{series}', 'none')
    .replace('{token}', 'GPTBot')
    .replace('{version}', '1')
    .replace('{name}', 'license.xml')
    .replace('{report}', 'revenue')
    .replaceAll(/\{\w+Id\}/g, UUID);

function isProblem(answer: Awaited<ReturnType<ApiRig['call']>>, status: number) {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ type: 'about:blank', title: expect.any(String), status });
  expect(answer.json.detail.length).toBeGreaterThan(10);
}

describe('roles', () => {
  describe.each(ROUTES)('%s %s', (method, path, allowed, json) => {
    test.each(ROLES)(`for %s (allowed: ${allowed})`, async (role) => {
      const answer = await rig.call(method, real(path), { token: tokens.get(role)!, json });
      if (!allowed.includes(role)) return isProblem(answer, 403);
      // The role is admitted. Other tests check the result.
      expect([200, 201, 202, 404, 409, 415, 501]).toContain(answer.status);
    });

    test('refuses a request without a token, or with an invalid one', async () => {
      const without = await rig.call(method, real(path), { token: null, json });
      isProblem(without, 401);
      expect(without.headers.get('www-authenticate')).toBe('Bearer realm="postmeter"');
      for (const token of ['pmt_wrong', 'wrong', `${tokens.get('operator')}x`]) {
        const wrong = await rig.call(method, real(path), { token, json });
        isProblem(wrong, 401);
        expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
      }
    });
  });

  test('every described route with a token is in this table', async () => {
    const { paths } = (await rig.call('GET', '/v1/openapi.json')).json;
    const described = Object.entries<Record<string, { 'x-roles'?: unknown }>>(paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([, operation]) => operation['x-roles'] !== undefined)
          .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(new Set(ROUTES.map(([method, path]) => `${method} ${path.split('?')[0]}`))).toEqual(
      new Set(described),
    );
  });

  test('a change of name and billing details needs both roles', async () => {
    const json = { name: 'New', billing: { taxId: 'T1' } };
    for (const role of ['operator', 'finance'] as const) {
      isProblem(await rig.call('PATCH', '/v1/clients/acme', { token: tokens.get(role)!, json }), 403);
    }
    expect((await rig.call('GET', '/v1/clients/acme')).json.name).not.toBe('New');
    const both = await rig.tokenWith('operator', 'finance');
    expect((await rig.call('PATCH', '/v1/clients/acme', { token: both, json })).status).toBe(200);
  });

  test('refuses to create a token with a role that the caller lacks', async () => {
    const json = { name: 'me', roles: ['viewer', 'finance'] };
    isProblem(await rig.call('POST', '/v1/tokens', { token: tokens.get('operator')!, json }), 403);
    expect((await rig.call('POST', '/v1/tokens', { json })).status).toBe(201);
  });
});

describe('tokens', () => {
  test('are shown once, work, and stop working when revoked', async () => {
    const made = await rig.call('POST', '/v1/tokens', { json: { name: 'ada', roles: ['finance'] } });
    const { token, ...shown } = made.json;
    expect(token).toMatch(/^pmt_[A-Za-z0-9_-]{43}$/);
    expect((await rig.call('GET', '/v1/clients', { token })).status).toBe(200);
    await rig.call('PATCH', '/v1/clients/acme', { token, json: { billing: { taxId: 'T2' } } });
    const [change] = (await rig.call('GET', '/v1/audit?subject=clients%2Facme&limit=1')).json.items;
    expect(change.actor).toBe(`ada (token ${shown.id})`);

    const revoked = await rig.call('DELETE', `/v1/tokens/${shown.id}`);
    expect(revoked.json.revokedAt).not.toBeNull();
    isProblem(await rig.call('GET', '/v1/clients', { token }), 401);
    const list = await rig.call('GET', '/v1/tokens?limit=1000');
    expect(list.json.items).toContainEqual({ ...shown, revokedAt: revoked.json.revokedAt });
    expect(list.text).not.toContain(token);
    expect(JSON.stringify(await rig.db.execute('select * from tokens'))).not.toContain(token);
    expect(rig.logged.join('\n')).not.toContain(token);
  });
});

describe('failed log-ins', () => {
  test('are throttled for any token: ten a minute, then 429 with Retry-After', async () => {
    const strict = await apiRig('postgres', 'admin-throttle', 10);
    try {
      for (let n = 0; n < 10; n++)
        isProblem(await strict.call('GET', '/v1/clients', { token: `pmt_${n}` }), 401);
      const blocked = await strict.call('GET', '/v1/clients');
      isProblem(blocked, 429);
      expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(blocked.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect((await strict.call('GET', '/healthz', { token: null })).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  test('do not count if no token was sent', async () => {
    const strict = await apiRig('postgres', 'admin-throttle', 2);
    try {
      for (let n = 0; n < 5; n++) isProblem(await strict.call('GET', '/v1/clients', { token: null }), 401);
      expect((await strict.call('GET', '/v1/clients')).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});

describe('errors', () => {
  test('a missing object is a problem with 404 for a permitted role', async () => {
    isProblem(await rig.call('GET', '/v1/nothing'), 404);
    isProblem(await rig.call('GET', '/nothing', { token: null }), 404);
    isProblem(await rig.call('GET', '/v1/nothing', { token: null }), 401);
    for (const path of [
      '/v1/clients/nobody',
      '/v1/clients/nobody/usage',
      '/v1/clients/nobody/tariffs',
      '/v1/clients/nobody/identifiers',
      `/v1/breaches/${UUID}`,
      `/v1/invoices/${UUID}`,
    ]) {
      const answer = await rig.call('GET', path);
      isProblem(answer, 404);
      expect(answer.json.errors[0]).toEqual({
        field: expect.stringMatching(/Id$/),
        reason: expect.any(String),
        hint: expect.any(String),
      });
    }
  });

  test('another method is a problem with 405 that lists the allowed ones', async () => {
    const answer = await rig.call('PUT', '/v1/clients');
    isProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    isProblem(await rig.call('DELETE', '/healthz', { token: null }), 405);
    isProblem(await rig.call('OPTIONS', '/v1/clients'), 405);
  });

  test('a body of another type is a problem with 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      const headers = { 'content-type': type };
      isProblem(await rig.call('POST', '/v1/clients', { body: '{"id":"x","name":"x"}', headers }), 415);
    }
    expect((await rig.call('GET', '/v1/clients/x')).status).toBe(404);
  });

  test.each(['{', '{"name":', 'null x', ''])('the body %j is not valid JSON', async (body) => {
    isProblem(
      await rig.call('POST', '/v1/clients', { body, headers: { 'content-type': 'application/json' } }),
      400,
    );
  });

  test('a body over 1 MB is a problem with 413, whether its length is declared or not', async () => {
    const json = { id: 'large', name: 'x'.repeat(1_100_000) };
    isProblem(await rig.call('POST', '/v1/clients', { json }), 413);
    expect(await chunkedStatus(rig.url, JSON.stringify(json))).toBe(413);
    expect((await rig.call('GET', '/v1/clients/large')).status).toBe(404);
  });

  test('an unexpected error is a problem with 500 and an id, and only the log has the details', async () => {
    const { store } = rig;
    const tokens = store.tokens;
    Object.assign(store, { tokens: () => Promise.reject(new Error('the secret inside')) });
    try {
      const answer = await rig.call('GET', '/v1/tokens');
      isProblem(answer, 500);
      expect(answer.text).not.toContain('secret inside');
      const line = rig.logged.find((entry) => entry.includes(answer.json.incident));
      expect(line).toContain('the secret inside');
    } finally {
      Object.assign(store, { tokens });
    }
  });

  test('no answer may be cached or framed', async () => {
    for (const answer of [await rig.call('GET', '/v1/clients'), await rig.call('GET', '/v1/none')]) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('health', () => {
  test('is alive without a token, and ready when all checks pass', async () => {
    expect((await rig.call('GET', '/healthz', { token: null })).json).toEqual({ status: 'ok' });
    expect((await rig.call('GET', '/readyz', { token: null })).json).toEqual({ status: 'ok' });
    rig.checks.ledger = async () => 'does not answer';
    rig.checks.journal = async () => null;
    const answer = await rig.call('GET', '/readyz', { token: null });
    isProblem(answer, 503);
    expect(answer.json.errors).toEqual([
      { field: 'ledger', reason: 'does not answer', hint: expect.any(String) },
    ]);
    delete rig.checks.ledger;
  });

  test('is ready with a warning, but not if there is also a fault', async () => {
    rig.checks.ledger = async () => null;
    rig.warnings.clock = async () => 'is off';
    rig.warnings.journal = async () => null;
    const answer = await rig.call('GET', '/readyz', { token: null });
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: 'ok', warnings: [{ field: 'clock', reason: 'is off', hint: expect.any(String) }] },
    ]);
    rig.checks.ledger = async () => 'does not answer';
    isProblem(await rig.call('GET', '/readyz', { token: null }), 503);
    delete rig.checks.ledger;
    delete rig.warnings.clock;
  });
});

/** Sends a body without content-length through Node's own client. */
function chunkedStatus(url: string, body: string): Promise<number> {
  return new Promise((done, fail) => {
    const sent = request(`${url}/v1/clients`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer the-token-of-the-environment',
        'content-type': 'application/json',
        'transfer-encoding': 'chunked',
      },
    });
    sent.on('error', fail);
    sent.on('response', (response) => {
      response.resume();
      done(response.statusCode ?? 0);
    });
    sent.end(body);
  });
}
