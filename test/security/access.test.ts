/**
 * Calls every operation that /v1/openapi.json describes, with every role. The document says who may call it, and no
 * operation is open by omission. New routes are tested without a change here.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../src/admin/port.ts';
import { type ApiRig, apiRig } from '../admin/api-rig.ts';

/** The webhook of the platform, which its signature authenticates (test/admin/rights-events.test.ts). */
const SIGNED = 'POST /rights/events';
/** Open to anyone who reaches the listener: the probes of a supervisor, this document, and the signed webhook. */
const OPEN = new Set(['GET /livez', 'GET /healthz', 'GET /readyz', 'GET /v1/openapi.json', SIGNED]);
/** Computes from a body, and stores nothing. */
const COMPUTES = 'POST /v1/rights/what-if';
const UUID = '01957a6e-0000-7000-8000-000000000000';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly maximum?: number;
}
interface Operation {
  readonly 'x-roles'?: readonly Role[];
  readonly parameters?: ReadonlyArray<{
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }>;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
}
interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let rig: ApiRig;
let routes: readonly Route[];
let schemas: Readonly<Record<string, Schema>>;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  rig = await apiRig('pglite', 'security-access');
  const { paths, components } = (await rig.call('GET', '/v1/openapi.json', { token: null })).json;
  schemas = components.schemas;
  routes = Object.entries<Record<string, Operation>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([lower, operation]) => {
      const method = lower.toUpperCase();
      return { name: `${method} ${path}`, method, path, operation };
    }),
  );
  for (const role of ROLES) tokens.set(role, await rig.tokenWith(role));
  for (const id of ['acme', 'other']) await rig.call('POST', '/v1/clients', { json: { id, name: id } });
});
afterAll(() => rig.close());

const real = (path: string) => path.replace('{clientId}', 'acme').replaceAll(/\{\w+\}/g, UUID);
const guarded = () => routes.filter(({ name }) => !OPEN.has(name));
const allowed = ({ operation }: Route) => new Set(operation['x-roles']);

function call({ method, path, operation }: Route, token: string | null) {
  const json = operation.requestBody === undefined ? undefined : {};
  return rig.call(method, real(path), { token, json });
}

describe('roles', () => {
  test('there is something to test', () => {
    expect(guarded().length).toBeGreaterThan(20);
  });

  test('every route but the open ones names the roles that may call it', () => {
    expect(
      guarded()
        .filter((route) => allowed(route).size === 0)
        .map(({ name }) => name),
    ).toEqual([]);
    expect(routes.filter(({ name }) => OPEN.has(name) && name.includes('/v1/openapi'))).toEqual([]);
  });

  test('every route that writes refuses a viewer', () => {
    // Everybody may end sessions of their own.
    const writing = guarded().filter(
      ({ name, method, path }) => method !== 'GET' && !path.startsWith('/v1/sessions') && name !== COMPUTES,
    );
    expect(writing.length).toBeGreaterThan(5);
    expect(writing.filter((route) => allowed(route).has('viewer')).map(({ name }) => name)).toEqual([]);
  });

  test('every route refuses every role that it does not name, before it looks at anything, and lets the others in', async () => {
    for (const route of guarded()) {
      for (const role of ROLES) {
        const { status } = await call(route, tokens.get(role)!);
        const seen = `${route.name} for ${role}: ${status}`;
        // Operators manage tokens only until a token with the role admin exists, as it does here.
        const isRefusedHere = role === 'operator' && route.name === 'DELETE /v1/tokens/{tokenId}';
        // 501: this process has no platform to compare a policy with.
        if (allowed(route).has(role) && !isRefusedHere) expect(seen).not.toMatch(/: (401|403|500|50[2-9])$/);
        else expect(seen).toMatch(/: 403$/);
      }
    }
  });

  test('every route refuses a missing token, an invalid one, a revoked one, and one in the query', async () => {
    const made = await rig.call('POST', '/v1/tokens', { json: { name: 'gone', roles: ['viewer'] } });
    await rig.call('DELETE', `/v1/tokens/${made.json.id}`);
    for (const route of guarded()) {
      for (const token of [null, 'pmt_no', made.json.token]) {
        expect(`${route.name}: ${(await call(route, token)).status}`).toBe(`${route.name}: 401`);
      }
      const path = `${real(route.path)}?access_token=${tokens.get('operator')}`;
      expect((await rig.call(route.method, path, { token: null })).status).toBe(401);
    }
  });

  test('no other spelling of a path bypasses authentication', async () => {
    for (const path of [
      '/v1//clients',
      '//v1/clients',
      '/V1/clients',
      '/v1/./clients',
      '/v1/x/../clients',
      '/%761/clients',
      '/v1%2fclients',
      '/v1/clients/',
      '/v1/clients;a=b',
      '/metrics/',
      '/%6detrics',
    ]) {
      const { status, text } = await rig.call('GET', path, { token: null });
      expect(`${path}: ${status}`).toMatch(/: (401|404)$/);
      expect(text).not.toContain('acme');
    }
    const override = {
      'x-http-method-override': 'DELETE',
      'x-original-url': '/v1/tokens',
      'x-forwarded-for': '::1',
    };
    expect((await rig.call('GET', '/v1/clients', { token: null, headers: override })).status).toBe(401);
  });
});

describe('objects of other clients', () => {
  test('only its own client reaches an identifier', async () => {
    const added = await rig.call('POST', '/v1/clients/acme/identifiers', {
      json: { kind: 'cidr', cidr: '203.0.113.0/24' },
    });
    const { id } = added.json;
    expect((await rig.call('DELETE', `/v1/clients/other/identifiers/${id}`)).status).toBe(404);
    const [kept] = (await rig.call('GET', '/v1/clients/acme/identifiers')).json.items;
    expect(kept).toMatchObject({ id, revokedAt: null });
    const moved = await rig.call('POST', '/v1/clients/other/identifiers', {
      json: { kind: 'cidr', cidr: '203.0.113.0/24' },
    });
    expect(moved.status).toBe(409);
  });

  test('a list of one client contains nothing of another', async () => {
    const own = await rig.call('GET', '/v1/audit?subject=clients%2Fother');
    expect(own.json.items.length).toBeGreaterThan(0);
    for (const { subject } of own.json.items) expect(subject).toBe('clients/other');
  });
});

describe('unknown input', () => {
  /** Returns the places in a schema at which an object accepts unnamed fields. */
  function openPlaces(schema: Schema, at: string, seen: ReadonlySet<string> = new Set()): string[] {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.replace('#/components/schemas/', '');
      return seen.has(name) ? [] : openPlaces(schemas[name]!, at, new Set([...seen, name]));
    }
    const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
    const inside = [
      ...parts.flatMap((part) => openPlaces(part, at, seen)),
      ...(schema.items === undefined ? [] : openPlaces(schema.items, `${at}[]`, seen)),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
        openPlaces(part, `${at}.${name}`, seen),
      ),
    ];
    const isOpen = schema.properties !== undefined && schema.additionalProperties !== false;
    return isOpen ? [at, ...inside] : inside;
  }

  test('every body names all of its fields, at every depth', () => {
    // A platform may send events with more fields than those that are read.
    const bodies = routes.flatMap(({ name, operation }) => {
      if (name === SIGNED) return [];
      const schema = operation.requestBody?.content['application/json']?.schema;
      return schema === undefined ? [] : [{ name, schema }];
    });
    expect(bodies.length).toBeGreaterThan(5);
    expect(bodies.flatMap(({ name, schema }) => openPlaces(schema, name))).toEqual([]);
  });

  test.each([
    ['/v1/clients', { name: 'x', source: 'address' }, 'source'],
    ['/v1/clients', { name: 'x', createdAt: '2026-01-01T00:00:00Z' }, 'createdAt'],
    ['/v1/clients', { name: 'x', billing: { paid: true } }, 'billing.paid'],
    ['/v1/tokens', { name: 'x', roles: ['viewer'], hash: 'a'.repeat(64) }, 'hash'],
    ['/v1/clients/acme/identifiers', { kind: 'api_key', clientId: 'other' }, 'clientId'],
    ['/v1/clients/acme/tariffs', { terms: {}, reason: 'x', version: 9 }, 'version'],
    ['/v1/clients/acme/tariffs', { terms: { free: true }, reason: 'x' }, 'terms.free'],
  ])('%s %j is refused for %s', async (path, json, field) => {
    const answer = await rig.call('POST', path, { json });
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map((fault: { field: string }) => fault.field)).toContain(field);
  });

  test('__proto__ and constructor are ordinary fields', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of [
      '{"name":"x","__proto__":{"roles":["finance"]}}',
      '{"name":"x","constructor":{"prototype":{"roles":["finance"]}}}',
    ]) {
      await rig.call('POST', '/v1/clients', { body, headers });
      expect('roles' in {}).toBe(false);
    }
    const viewer = { token: tokens.get('viewer')!, json: { name: 'x' } };
    expect((await rig.call('POST', '/v1/clients', viewer)).status).toBe(403);
  });
});

describe('limits', () => {
  test('every list has a maximum page size, and refuses a larger one', async () => {
    const lists = routes.flatMap((route) => {
      const limit = route.operation.parameters?.find(({ name }) => name === 'limit');
      return limit === undefined ? [] : [{ route, limit }];
    });
    expect(lists.length).toBeGreaterThan(5);
    for (const { route, limit } of lists) {
      expect(limit.schema.maximum).toBeLessThanOrEqual(1_000);
      const { status } = await rig.call('GET', `${real(route.path)}?limit=${limit.schema.maximum! + 1}`);
      expect(`${route.name}: ${status}`).toBe(`${route.name}: 400`);
    }
  });

  test('every body has a size limit', async () => {
    for (const route of routes.filter(({ operation }) => operation.requestBody !== undefined)) {
      const isList = route.path === '/v1/rights/settings' || route.path === '/v1/rights/imports';
      const json = { filler: 'x'.repeat(isList ? 16_100_000 : 1_100_000) };
      const { status } = await rig.call(route.method, real(route.path), { json });
      expect(`${route.name}: ${status}`).toBe(`${route.name}: 413`);
    }
  });

  test('a body with very many faults, or very deep nesting, costs one refusal', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, n]));
    expect((await rig.call('POST', '/v1/clients', { json: many })).status).toBe(400);
    const headers = { 'content-type': 'application/json' };
    const deep = `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await rig.call('POST', '/v1/clients', { body: deep, headers })).status).toBe(400);
    expect((await rig.call('GET', '/healthz', { token: null })).status).toBe(200);
  });
});
