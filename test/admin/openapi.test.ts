import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { VERSION } from '../../src/entry/version.ts';
import { type ApiRig, apiRig, type Call } from './api-rig.ts';

/** The other paths are pages and assets of the console. */
const API = /^\/(v1\/|rights\/events|metrics|livez|healthz|readyz)/;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly 'x-roles'?: readonly string[];
  readonly parameters?: ReadonlyArray<{
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
  }>;
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, { schema: unknown }> }
  >;
}

let rig: ApiRig;
let document: {
  info: Record<string, unknown>;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-openapi');
  document = (await rig.call('GET', '/v1/openapi.json', { token: null })).json;
});
afterAll(() => rig.close());

/** Replaces every reference in the schema with its target. Throws if the target does not exist. */
function resolved(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(resolved);
  if (typeof schema !== 'object' || schema === null) return schema;
  if ('$ref' in schema) {
    const name = String(schema.$ref).replace('#/components/schemas/', '');
    if (!(name in document.components.schemas)) throw new Error(`${schema.$ref} names nothing`);
    return resolved(document.components.schemas[name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value)]));
}

describe('the OpenAPI document', () => {
  test('is OpenAPI 3.1 with a title, a version and a bearer scheme', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Postmeter administration', version: '0.0.0' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    });
  });

  test('is the committed one, which `npm run openapi` writes', async () => {
    const released = { ...document, info: { ...document.info, version: VERSION } };
    await expect(`${JSON.stringify(released, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
  });

  test('describes every route, and no other', () => {
    const routes = rig.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/v1/openapi.json' && API.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(new Set(described)).toEqual(new Set(routes));
  });

  test('gives each operation a unique id, a summary, and its path parameters', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      expect(operation.operationId).toMatch(/^[a-z]+[A-Za-z]+$/);
      expect(operation.summary.length).toBeGreaterThan(5);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      expect(declared.every(({ required }) => required)).toBe(true);
    }
  });

  test('lists for every route under /v1 the roles that may call it, and problems as errors', () => {
    for (const { operation } of operations().filter(({ path }) => path.startsWith('/v1/'))) {
      expect(operation['x-roles']?.length).toBeGreaterThan(0);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '401', '403', '429', '500']),
      );
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(description).not.toBe('');
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
      }
    }
  });

  test('passes the recommended rules of Redocly', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    expect(found.map(({ ruleId, location, message }) => [ruleId, location[0]?.pointer, message])).toEqual([]);
  });

  test('passes the recommended rules of Spectral', async () => {
    const linter = new spectral.Spectral();
    linter.setRuleset({ extends: [oas as spectral.RulesetDefinition] });
    const found = await linter.run(document);
    expect(found.map(({ code, path, message }) => [code, path.join('.'), message])).toEqual([]);
  });

  test('has no dangling reference', () => {
    expect(() => resolved(document.paths)).not.toThrow();
  });
});

test('every answer matches its description', async () => {
  const key = await rig.call('POST', '/v1/clients', {
    json: { id: 'acme', name: 'ACME', billing: { taxId: 'T' } },
  });
  expect(key.status).toBe(201);
  const token = (await rig.call('POST', '/v1/tokens', { json: { name: 'a', roles: ['viewer'] } })).json;
  const identifier = (await rig.call('POST', '/v1/clients/acme/identifiers', { json: { kind: 'api_key' } }))
    .json;
  const future = { validFrom: '2999-01-01T00:00:00Z', reason: 'x' };
  const invoice = await insertedInvoice();
  const scheduled = { terms: {}, validFrom: '2998-01-01T00:00:00Z', reason: 'x' };
  const [ofAll, ofAcme] = await Promise.all(
    ['/v1/tariffs', '/v1/clients/acme/tariffs'].map((path) => rig.call('POST', path, { json: scheduled })),
  );
  const calls: ReadonlyArray<[method: string, path: string, route: string, call?: Call]> = [
    ['GET', '/healthz', '/healthz'],
    ['GET', '/readyz', '/readyz'],
    ['POST', '/v1/clients', '/v1/clients', { json: { id: 'b', name: 'B' } }],
    ['POST', '/v1/clients', '/v1/clients', { json: { id: 'b', name: 'B' } }],
    ['POST', '/v1/clients', '/v1/clients', { json: {} }],
    ['GET', '/v1/clients?limit=1', '/v1/clients'],
    ['GET', '/v1/clients', '/v1/clients', { token: null }],
    ['GET', '/v1/clients', '/v1/clients', { token: 'x' }],
    ['POST', '/v1/clients', '/v1/clients', { token: token.token, json: { name: 'x' } }],
    ['GET', '/v1/clients/acme', '/v1/clients/{clientId}'],
    ['GET', '/v1/clients/none', '/v1/clients/{clientId}'],
    ['PATCH', '/v1/clients/acme', '/v1/clients/{clientId}', { json: { name: 'New' } }],
    ['GET', '/v1/clients/acme/chart', '/v1/clients/{clientId}/chart'],
    ['GET', '/v1/clients/acme/readings?threshold=5', '/v1/clients/{clientId}/readings'],
    ['POST', '/v1/clients/acme/notes', '/v1/clients/{clientId}/notes', { json: { text: 'A note' } }],
    ['GET', '/v1/clients/acme/notes', '/v1/clients/{clientId}/notes'],
    ['GET', '/v1/clients/acme/identifiers', '/v1/clients/{clientId}/identifiers'],
    [
      'POST',
      '/v1/clients/acme/identifiers',
      '/v1/clients/{clientId}/identifiers',
      { json: { kind: 'cidr', cidr: '192.0.2.0/24' } },
    ],
    [
      'DELETE',
      `/v1/clients/acme/identifiers/${identifier.id}`,
      '/v1/clients/{clientId}/identifiers/{identifierId}',
    ],
    ['POST', '/v1/tariffs', '/v1/tariffs', { json: { terms: {}, ...future } }],
    ['DELETE', `/v1/tariffs/${ofAll!.json.id}?reason=x`, '/v1/tariffs/{versionId}'],
    ['DELETE', `/v1/tariffs/${ofAll!.json.id}?reason=x`, '/v1/tariffs/{versionId}'],
    ['DELETE', `/v1/tariffs/${ofAll!.json.id}`, '/v1/tariffs/{versionId}'],
    ['DELETE', `/v1/tariffs/${ofAcme!.json.id}?reason=x`, '/v1/tariffs/{versionId}'],
    [
      'DELETE',
      `/v1/clients/acme/tariffs/${ofAcme!.json.id}?reason=x`,
      '/v1/clients/{clientId}/tariffs/{versionId}',
    ],
    [
      'DELETE',
      `/v1/clients/none/tariffs/${ofAcme!.json.id}?reason=x`,
      '/v1/clients/{clientId}/tariffs/{versionId}',
    ],
    ['GET', '/v1/tariffs', '/v1/tariffs'],
    [
      'POST',
      '/v1/clients/acme/tariffs',
      '/v1/clients/{clientId}/tariffs',
      { json: { terms: null, ...future } },
    ],
    [
      'POST',
      '/v1/clients/b/tariffs',
      '/v1/clients/{clientId}/tariffs',
      { json: { terms: { kind: 'licence', included: 5 }, ...future } },
    ],
    ['GET', '/v1/clients/acme/tariffs', '/v1/clients/{clientId}/tariffs'],
    ['GET', '/v1/clients/acme/usage', '/v1/clients/{clientId}/usage'],
    ['GET', '/v1/totals', '/v1/totals'],
    ['GET', '/v1/breaches', '/v1/breaches'],
    ['GET', '/v1/invoices', '/v1/invoices'],
    ['GET', `/v1/invoices/${invoice}`, '/v1/invoices/{invoiceId}'],
    ['POST', `/v1/invoices/${invoice}/reject`, '/v1/invoices/{invoiceId}/reject', { json: { reason: 'x' } }],
    ['POST', `/v1/invoices/${invoice}/issue`, '/v1/invoices/{invoiceId}/issue'],
    ['GET', '/v1/invoice-numbers', '/v1/invoice-numbers'],
    [
      'POST',
      '/v1/invoice-numbers/advance',
      '/v1/invoice-numbers/advance',
      { json: { last: 7, reason: 'restored' } },
    ],
    [
      'POST',
      '/v1/invoice-numbers/advance',
      '/v1/invoice-numbers/advance',
      { json: { last: 7, reason: 'restored' } },
    ],
    ['GET', '/v1/tokens', '/v1/tokens'],
    ['DELETE', `/v1/tokens/${token.id}`, '/v1/tokens/{tokenId}'],
    ['GET', '/v1/audit', '/v1/audit'],
  ];
  for (const [method, path, route, call] of calls) {
    const answer = await rig.call(method, path, call);
    const described = document.paths[route]?.[method.toLowerCase()]?.responses[answer.status]?.content;
    const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
    expect(described, `${method} ${path}: ${answer.status} ${answer.text}`).toHaveProperty([type]);
    const schema = z.fromJSONSchema(closed(resolved(described![type]!.schema)));
    const checked = schema.safeParse(answer.json);
    expect(checked.error, `${method} ${path}: ${answer.text}`).toBeUndefined();
  }
});

/** An answer must not have undescribed fields, so every object is closed for the check. */
function closed(schema: unknown): Parameters<typeof z.fromJSONSchema>[0] {
  const shut = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(shut);
    if (typeof part !== 'object' || part === null) return part;
    const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shut(value)]));
    return 'properties' in inner ? { ...inner, additionalProperties: false } : inner;
  };
  return shut(schema) as Parameters<typeof z.fromJSONSchema>[0];
}

async function insertedInvoice(): Promise<string> {
  const id = '01957a6e-0000-7000-8000-0000000000aa';
  await rig.db.execute(`
    insert into invoices (id, kind, status, client_id, currency, amount_minor)
    values ('${id}', 'invoice', 'draft', 'acme', 'USD', 1)`);
  await rig.db.execute(`
    insert into invoice_lines (invoice_id, position, tariff_version_id, description, from_at, to_at, posts,
      price_minor, block, rounding, amount_minor)
    values ('${id}', 0, '00000000-0000-7000-8000-000000000001', 'x', now(), now(), 1, 1, 1, 'prorated', 1)`);
  return id;
}
