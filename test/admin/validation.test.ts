import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('postgres', 'admin-validation');
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
});
afterAll(() => rig.close());

/** Returns the content of the ledger, to check that a refusal changes nothing. */
async function state(): Promise<string> {
  const paths = ['clients', 'tariffs', 'tokens', 'audit', 'clients/acme/identifiers', 'clients/acme/tariffs'];
  const all = await Promise.all(paths.map((path) => rig.call('GET', `/v1/${path}?limit=1000`)));
  return all.map(({ text }) => text).join('\n');
}

const CLIENTS = '/v1/clients';
const IDENTIFIERS = '/v1/clients/acme/identifiers';
const TARIFFS = '/v1/clients/acme/tariffs';

describe('a faulty body is refused at its field, with reason and hint, and changes nothing', () => {
  test.each<[method: string, path: string, json: unknown, field: string]>([
    ['POST', CLIENTS, {}, 'name'],
    ['POST', CLIENTS, [], 'body'],
    ['POST', CLIENTS, 'text', 'body'],
    ['POST', CLIENTS, null, 'body'],
    ['POST', CLIENTS, { name: '' }, 'name'],
    ['POST', CLIENTS, { name: '  ' }, 'name'],
    ['POST', CLIENTS, { name: 7 }, 'name'],
    ['POST', CLIENTS, { name: 'x'.repeat(201) }, 'name'],
    ['POST', CLIENTS, { name: 'two\nlines' }, 'name'],
    ['POST', CLIENTS, { name: 'nul\u0000' }, 'name'],
    ['POST', CLIENTS, { name: 'half \ud800' }, 'name'],
    ['POST', CLIENTS, { name: 'x', nmae: 'y' }, 'nmae'],
    ['POST', CLIENTS, { id: 'Capital', name: 'x' }, 'id'],
    ['POST', CLIENTS, { id: '-dash', name: 'x' }, 'id'],
    ['POST', CLIENTS, { id: 'a'.repeat(64), name: 'x' }, 'id'],
    ['POST', CLIENTS, { id: 'addr:192.0.2.1', name: 'x' }, 'id'],
    ['POST', CLIENTS, { id: 'a/b', name: 'x' }, 'id'],
    ['POST', CLIENTS, { id: 'b', name: 'x', billing: { email: 'no address' } }, 'billing.email'],
    ['POST', CLIENTS, { id: 'b', name: 'x', billing: { currency: 'usd' } }, 'billing.currency'],
    ['POST', CLIENTS, { id: 'b', name: 'x', billing: { currency: 'XXQ' } }, 'billing.currency'],
    ['POST', CLIENTS, { id: 'b', name: 'x', billing: { vat: '1' } }, 'billing.vat'],
    ['PATCH', '/v1/clients/acme', {}, 'body'],
    ['PATCH', '/v1/clients/acme', { id: 'other' }, 'id'],
    ['PATCH', '/v1/clients/acme', { name: null }, 'name'],
    ['PATCH', '/v1/clients/acme', { billing: { legalName: '' } }, 'billing.legalName'],
    ['PATCH', '/v1/clients/acme', { billing: { email: 'a@b' } }, 'billing.email'],
    ['PATCH', '/v1/clients/acme', { billing: { address: 'x'.repeat(501) } }, 'billing.address'],
    ['POST', IDENTIFIERS, {}, 'kind'],
    ['POST', IDENTIFIERS, { kind: 'token' }, 'kind'],
    ['POST', IDENTIFIERS, { kind: 'api_key', key: 'short' }, 'key'],
    ['POST', IDENTIFIERS, { kind: 'api_key', key: 'with a blank in the middle' }, 'key'],
    ['POST', IDENTIFIERS, { kind: 'api_key', cidr: '192.0.2.0/24' }, 'cidr'],
    ['POST', IDENTIFIERS, { kind: 'cidr' }, 'cidr'],
    ['POST', IDENTIFIERS, { kind: 'cidr', cidr: '192.0.2.1/24' }, 'cidr'],
    ['POST', IDENTIFIERS, { kind: 'cidr', cidr: '0.0.0.0/0' }, 'cidr'],
    ['POST', TARIFFS, { terms: {} }, 'reason'],
    ['POST', TARIFFS, { reason: 'x' }, 'terms'],
    ['POST', TARIFFS, { terms: {}, reason: 'x', validFrom: 'tomorrow' }, 'validFrom'],
    ['POST', TARIFFS, { terms: {}, reason: 'x', validFrom: '2999-01-01T00:00:00' }, 'validFrom'],
    ['POST', TARIFFS, { terms: {}, reason: 'x', validFrom: 1_900_000_000 }, 'validFrom'],
    ['POST', TARIFFS, { terms: {}, reason: 'x', validFrom: '0001-01-01T00:00:00Z' }, 'validFrom'],
    ['POST', TARIFFS, { terms: { threshold: -1 }, reason: 'x' }, 'terms.threshold'],
    ['POST', TARIFFS, { terms: {}, reason: 'x', correction: 'yes' }, 'correction'],
    ['POST', '/v1/tokens', { name: 'x', roles: [] }, 'roles'],
    ['POST', '/v1/tokens', { name: 'x', roles: ['root'] }, 'roles.0'],
    ['POST', '/v1/tokens', { name: 'x' }, 'roles'],
  ])('%s %s %j: %s', async (method, path, json, field) => {
    const before = await state();
    const answer = await rig.call(method, path, { json });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json.errors.map((fault: { field: string }) => fault.field)).toContain(field);
    const pointers = answer.json.errors.map((fault: { pointer: string }) => fault.pointer);
    expect(pointers).toContain(field === 'body' ? '' : `/${field.replaceAll('.', '/')}`);
    expect(answer.json.code).toBe('invalid_request');
    for (const fault of answer.json.errors) {
      expect(fault.reason.length).toBeGreaterThan(4);
      expect(fault.hint.length).toBeGreaterThan(4);
    }
    expect(await state()).toBe(before);
  });
});

describe('a faulty query or path is refused at its field', () => {
  test.each([
    ['/v1/clients?limit=0', 'limit'],
    ['/v1/clients?limit=1001', 'limit'],
    ['/v1/clients?limit=ten', 'limit'],
    ['/v1/clients?limit=1.5', 'limit'],
    ['/v1/clients?limit=1&limit=2', 'limit'],
    ['/v1/clients?cursor=%21%21', 'cursor'],
    ['/v1/clients?cursor=A', 'cursor'],
    ['/v1/invoices?cursor=YWNtZQ', 'cursor'],
    ['/v1/audit?cursor=YWNtZQ', 'cursor'],
    ['/v1/tariffs?cursor=YWNtZQ', 'cursor'],
    ['/v1/clients?lmit=5', 'lmit'],
    ['/v1/invoices?status=paid', 'status'],
    ['/v1/invoices?format=xml', 'format'],
    ['/v1/breaches?state=over', 'state'],
    ['/v1/breaches?client=%00', 'client'],
    ['/v1/clients/%00', 'clientId'],
    ['/v1/clients/%F0%9F', 'clientId'],
    ['/v1/invoices/7', 'invoiceId'],
    ['/v1/breaches/x', 'breachId'],
    ['/v1/audit?subject=%00', 'subject'],
    ['/v1/clients/acme/usage?from=yesterday', 'from'],
    ['/v1/clients/acme/usage?step=year', 'step'],
    ['/v1/clients/acme/usage?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['/v1/usage?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['/v1/usage?cursor=YWNtZQ', 'cursor'],
    ['/v1/clients/acme/usage?from=1970-01-01T00:00:00Z&step=minute', 'from'],
    ['/v1/invoices/01957a6e-0000-7000-8000-0000000000aa?format=pdf', 'format'],
    ['/v1/clients/acme?fields=name', 'fields'],
    ['/readyz?verbose=1', 'verbose'],
  ])('%s: %s', async (path, field) => {
    const answer = await rig.call('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json.errors[0]).toEqual({ field, reason: expect.any(String), hint: expect.any(String) });
  });
});

test('every operation refuses an unknown parameter', async () => {
  const { paths } = (await rig.call('GET', '/v1/openapi.json')).json;
  for (const [path, methods] of Object.entries<Record<string, { requestBody?: unknown }>>(paths)) {
    // It is off without its secret, and reads nothing before it has checked the signature.
    if (path === '/rights/events') continue;
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const target = path.replace('{clientId}', 'acme').replaceAll(/\{\w+\}/g, () => uuidv7());
      const json = requestBody === undefined ? undefined : {};
      const answer = await rig.call(method.toUpperCase(), `${target}?surplus=1`, { json });
      expect(answer.status, `${method} ${path}`).toBe(400);
      const fields = answer.json.errors.map((fault: { field: string }) => fault.field);
      expect(fields, `${method} ${path}`).toContain('surplus');
    }
  }
});

test.each([
  ['GET', '/v1/clients', 'text/html', 406],
  ['GET', '/v1/tokens', 'text/csv', 406],
  ['GET', '/v1/clients', 'application/json;q=0', 406],
  ['POST', '/v1/tokens', 'text/csv', 406],
  ['GET', '/v1/invoices', 'text/csv', 200],
  ['GET', '/v1/clients', '*/*', 200],
  ['GET', '/v1/clients', 'application/*, text/html', 200],
  ['GET', '/v1/clients', 'text/html, application/json;q=0.1', 200],
])('%s %s with Accept: %s answers %i and a refusal changes nothing', async (method, path, accept, status) => {
  const before = await state();
  const json = method === 'POST' ? { name: 'a', roles: ['viewer'] } : undefined;
  const answer = await rig.call(method, path, { json, headers: { accept } });
  expect(answer.status).toBe(status);
  if (status === 406) expect(answer.json.code).toBe('not_acceptable');
  expect(await state()).toBe(before);
});
