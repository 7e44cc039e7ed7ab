import fastify from 'fastify';
import { afterAll, describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/parse.ts';

// Named for editors; the validator reads an earlier draft, which does not differ in anything used here.
const { $schema: _named, ...SCHEMA } = configJsonSchema();

/** A validator that is not ours: the one in fastify. */
const validator = fastify({
  ajv: {
    customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false },
  },
});
validator.post('/', { schema: { body: SCHEMA } }, () => 'valid');
afterAll(() => validator.close());

/** True if the schema accepts a configuration. */
async function isTaken(config: unknown): Promise<boolean> {
  const { statusCode } = await validator.inject({
    method: 'POST',
    url: '/',
    payload: JSON.stringify(config),
    headers: { 'content-type': 'application/json' },
  });
  return statusCode === 200;
}

const FULL = {
  $schema: './postmeter.schema.json',
  upstream: {
    url: 'https://platform.example:8443',
    host: 'upstream',
    via: false,
    caFile: 'ca.pem',
    servername: 'platform.example',
    connections: 10,
    connectTimeoutMs: 1,
    headersTimeoutMs: 2,
    bodyTimeoutMs: 3,
  },
  listen: { tls: { certFile: 'a', keyFile: 'b' }, maxHeaderBytes: 1_024, stopTimeoutMs: 5 },
  trustedProxies: ['10.0.0.0/8', '2001:db8::/32', 'loopback'],
  identify: {
    credentials: [
      { from: 'bearer' },
      { from: 'header', name: 'X-Key', unknown: 'pass' },
      { from: 'query', name: 'key' },
    ],
    forwardedHeader: 'forwarded',
  },
  count: { header: 'X-N', maxDecodedBytes: 1 },
  platform: ['wordpress', 'activitypub'],
  routes: [
    { path: '/a', posts: 'none' },
    {
      name: 'b',
      path: '/b/**',
      methods: ['GET'],
      query: { a: 'b' },
      contentType: 'application/*+json',
      posts: [
        { json: '$.data[*]', where: 'kind == "t3"' },
        { json: '$.html', inside: { html: 'article', not: 'aside', id: 'data-id' }, kind: 'reply' },
      ],
    },
  ],
  bucketSeconds: 10,
  pace: { requests: 1, seconds: 1 },
  journal: { maxBytes: 5, syncIntervalMs: 'every', onFailure: 'refuse' },
  clock: { maxSkewSeconds: 5 },
  billing: {
    ...{ intervalSeconds: 1, latenessSeconds: 0, approval: 'automatic' },
    fourEyes: { writeOff: false, issue: { above: '10000.00' } },
  },
};

describe('the JSON Schema and the reader agree', () => {
  it.each([
    ['nothing', {}],
    ['everything', FULL],
    ['empty parts', { upstream: {}, listen: {}, identify: {}, count: {}, journal: {}, billing: {} }],
  ])('that %s is valid', async (_what, config) => {
    expect(parseConfig(JSON.stringify(config)).ok).toBe(true);
    expect(await isTaken(config)).toBe(true);
  });

  it('that the defaults are valid', async () => {
    const result = parseConfig('{}');
    if (!result.ok) throw new Error('the defaults are valid');
    expect(await isTaken(JSON.parse(JSON.stringify(result.config)))).toBe(true);
    // Written out, the empty list of routes is there on purpose.
    expect(parseConfig(JSON.stringify(result.config))).toEqual({ ...result, lacksRoutes: false });
  });

  it.each([
    { routs: [] },
    { listen: { keepAliveTimeoutMS: 1 } },
    { upstream: { url: 'ftp://a' } },
    { upstream: { url: 'http://a/base' } },
    { upstream: { connections: 1.5 } },
    { upstream: { via: true } },
    { listen: { tls: { certFile: 'a' } } },
    { listen: { maxHeaderBytes: 10 } },
    { identify: { credentials: [{ from: 'cookie' }] } },
    { identify: { credentials: [{ from: 'header' }] } },
    { routes: [{ path: '/x' }] },
    { routes: [{ path: 'x', posts: 'none' }] },
    { routes: [{ path: '/x', posts: [] }] },
    { bucketSeconds: 30 },
    { pace: { requests: 5 } },
    { journal: { syncIntervalMs: 'never' } },
    [],
  ])('that %j is not', async (config) => {
    expect(parseConfig(JSON.stringify(config)).ok).toBe(false);
    expect(await isTaken(config)).toBe(false);
  });
});

it('every field is described', () => {
  const undescribed: string[] = [];
  const walk = (schema: Record<string, unknown>, path: string): void => {
    for (const [name, field] of Object.entries(
      (schema.properties ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      const at = `${path}.${name}`;
      if (field.properties !== undefined) walk(field, at);
      else if (field.description === undefined) undescribed.push(at);
    }
  };
  walk(configJsonSchema(), '');
  expect(undescribed.filter((path) => !/^\.(\$schema|pace|listen\.tls)/.test(path))).toEqual([]);
});
