import { describe, expect, it } from 'vitest';
import { type ConfigProblem, explainProblems, parseConfig } from '../../src/config/parse.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';

function problemsOf(config: unknown): readonly ConfigProblem[] {
  const result = parseConfig(typeof config === 'string' ? config : JSON.stringify(config));
  return result.ok ? [] : result.problems;
}

const route = (fields: Record<string, unknown>) => ({ routes: [{ path: '/x', posts: 'none', ...fields }] });
const html = (inside: unknown, fields: object = {}) =>
  route({ posts: [{ json: '$.html', inside, ...fields }] });
const source = (fields: Record<string, unknown>) => ({ identify: { credentials: [fields] } });

/** The configuration, where its fault is, and what must be said of the reason and the hint. */
const FAULTS: readonly (readonly [unknown, string, RegExp])[] = [
  ['', '', /^is not JSON: .*; fix the syntax there$/],
  ['{"listen":{},}', '', /^is not JSON: .*position 13/],
  ['[]', '', /expected object, received array; write a value of type object$/],
  ['null', '', /expected object, received null/],
  [{ routs: [] }, '', /^has unknown fields "routs"; check the spelling or remove them$/],
  [{ listen: { keepAliveTimeoutMS: 1, port: 2 } }, 'listen', /"keepAliveTimeoutMS", "port"/],
  [{ upstream: null }, 'upstream', /expected object, received null/],
  [{ upstream: { url: 'ftp://a' } }, 'upstream.url', /http:\/\/ or https:\/\/ URL.*, such as http:/],
  [{ upstream: { url: 'http://a/base' } }, 'upstream.url', /only scheme, host and port/],
  [{ upstream: { url: 'http://user:secret@a' } }, 'upstream.url', /only scheme, host and port/],
  [{ upstream: { url: 'http://a:99999' } }, 'upstream.url', /^is not a URL; use/],
  [{ upstream: { url: 5 } }, 'upstream.url', /; write a value of type string$/],
  [{ upstream: { host: 'me' } }, 'upstream.host', /; write "client" or "upstream"$/],
  [{ upstream: { via: 'a b' } }, 'upstream.via', /^must be letters, digits/],
  [{ upstream: { via: true } }, 'upstream.via', /; write a value of type string, or write false$/],
  [{ upstream: { connections: 0 } }, 'upstream.connections', /; write at least 1$/],
  [{ upstream: { connections: 1.5 } }, 'upstream.connections', /; write a value of type int$/],
  [{ upstream: { connections: '5' } }, 'upstream.connections', /; write a value of type number$/],
  [
    { listen: { tls: { certFile: 'a' } } },
    'listen.tls.keyFile',
    /^is missing; write a value of type string$/,
  ],
  ['{"listen":{"maxHeaderBytes":1e400}}', 'listen.maxHeaderBytes', /received Infinity/],
  [{ listen: { maxHeaderBytes: 10 } }, 'listen.maxHeaderBytes', /; write at least 1024$/],
  [{ listen: { maxHeaderBytes: 1e7 } }, 'listen.maxHeaderBytes', /; write at most 1048576$/],
  [{ listen: { idleTimeoutMs: -1 } }, 'listen.idleTimeoutMs', /; write at least 1$/],
  [{ trustedProxies: 'private' }, 'trustedProxies', /; write a value of type array$/],
  [
    { trustedProxies: ['loopback', '10.0.0.0/33'] },
    'trustedProxies[1]',
    /is not a valid address range: use 203/,
  ],
  [source({ from: 'cookie' }), 'identify.credentials[0].from', /; write "bearer" or "header" or "query"$/],
  [source({ from: 'header' }), 'identify.credentials[0].name', /^is missing/],
  [
    source({ from: 'header', name: 'a b' }),
    'identify.credentials[0].name',
    /not the name of a header: write/,
  ],
  [source({ from: 'bearer', unknown: 'x' }), 'identify.credentials[0].unknown', /write "refuse" or "pass"$/],
  [
    { identify: { forwardedHeader: 'x' } },
    'identify.forwardedHeader',
    /write "x-forwarded-for" or "forwarded"$/,
  ],
  [{ count: { header: 'a b' } }, 'count.header', /name of a header, such as X-Post-Count/],
  [{ count: { maxDecodedBytes: 0 } }, 'count.maxDecodedBytes', /write at least 1$/],
  [{ platform: 'wordpess' }, 'platform', /write .*"wordpress" or .*, or write a value of type array$/],
  [{ platform: [] }, 'platform', /write at least 1$/],
  [
    { platform: { name: 'wordpress', base: 'blog' } },
    'platform.base',
    /use the path below which .* such as "\/blog"/,
  ],
  [{ platform: ['x', 'y'] }, 'platform[1]', /write "x" or /],
  [route({ path: 'x' }), 'routes[0].path', /must start with "\/"/],
  [route({ path: '/x/**/y' }), 'routes[0].path', /must come last/],
  [route({ posts: undefined }), 'routes[0].posts', /; write "none", or write a value of type array$/],
  [route({ posts: 'some' }), 'routes[0].posts', /; write "none", or write a value of type array$/],
  [route({ posts: [] }), 'routes[0].posts', /; write at least 1$/],
  [route({ posts: [{ json: 'data' }] }), 'routes[0].posts[0].json', /use a path such as \$\.data\[\*\]$/],
  [route({ posts: [{ json: '$.a', wher: 'x' }] }), 'routes[0].posts[0]', /has unknown fields "wher"/],
  [route({ posts: [{ json: 5 }] }), 'routes[0].posts[0].json', /; write a value of type string$/],
  [route({ posts: [{ html: 'p', id: 5 }] }), 'routes[0].posts[0].id', /; write a value of type string$/],
  [route({ posts: [{ jsn: '$' }] }), 'routes[0].posts[0]', /does not match any of the allowed forms; write /],
  [
    route({ posts: [{ json: '$.a', html: 'p' }] }),
    'routes[0].posts[0]',
    /has unknown fields "html"; .*remove/,
  ],
  [html({}), 'routes[0].posts[0].inside.html', /^is missing; write a value of type string$/],
  [html({ html: 'p', nott: 'i' }), 'routes[0].posts[0].inside', /has unknown fields "nott"; .*remove/],
  [html({ html: 'p >> i' }), 'routes[0].posts[0].inside.html', /successive traversals; use types, \.class/],
  [html({ html: 'p', not: '::x' }), 'routes[0].posts[0].inside.not', /is not an element; use types/],
  [html({ html: 'p', id: 'a=b' }), 'routes[0].posts[0].inside.id', /is not an attribute: use its name/],
  [html({ html: 'p' }, { where: 'a is present' }), 'routes[0].posts[0]', /has unknown fields "where"; /],
  [
    route({ format: 'html', posts: [{ json: '$.a', inside: { html: 'p' } }] }),
    'routes[0].posts[0]',
    /use "html" or "jsonld" here/,
  ],
  [
    route({
      posts: [
        { json: '$.a', inside: { html: 'p' } },
        { json: '$..a', inside: '$' },
      ],
    }),
    'routes[0].posts',
    /both as JSON and as HTML: remove one/,
  ],
  [
    {
      routes: [
        { path: '/a', posts: 'none' },
        { path: '/b', posts: [{ json: '$.a[*]', where: '==' }] },
      ],
    },
    'routes[1].posts[0].where',
    /use member == "value"/,
  ],
  [
    route({ format: 'html', posts: Array(31).fill({ html: 'p' }) }),
    'routes[0].posts',
    /^has 31 selectors; the maximum is 30,/,
  ],
  [
    route({ posts: [...Array(30).fill({ json: '$' }), { json: '$.a', inside: { html: 'p' } }] }),
    'routes[0].posts',
    /^has 31 selectors; the maximum is 30,/,
  ],
  [route({ csv: {}, posts: [{ json: '$' }] }), 'routes[0].csv', /format "csv" only; remove it/],
  [route({ optional: true, posts: [{ json: '$' }] }), 'routes[0].optional', /format "feed" only; remove it/],
  [route({ format: 'csv', posts: [{ json: '$' }] }), 'routes[0].posts[0]', /use "csv" here/],
  [route({ methods: ['get'] }), 'routes[0].methods[0]', /must be in capital letters/],
  [route({ contentType: 'json' }), 'routes[0].contentType', /media type such as application\/json/],
  [{ bucketSeconds: 30 }, 'bucketSeconds', /; write 60 or 10 or 1$/],
  [{ pace: { requests: 5 } }, 'pace.seconds', /^is missing; write a value of type number$/],
  [{ pace: { requests: 0, seconds: 1 } }, 'pace.requests', /; write at least 1$/],
  [
    { journal: { syncIntervalMs: 'never' } },
    'journal.syncIntervalMs',
    /; write "every", or write a value of type/,
  ],
  [{ journal: { onFailure: 'x' } }, 'journal.onFailure', /; write "serve" or "refuse"$/],
  [{ clock: { maxSkewSeconds: 0 } }, 'clock.maxSkewSeconds', /; write at least 1$/],
  [{ billing: { approval: 'x' } }, 'billing.approval', /; write "manual" or "automatic"$/],
  [{ billing: { latenessSeconds: -1 } }, 'billing.latenessSeconds', /; write at least 0$/],
];

describe('a fault names its path, the reason and the hint', () => {
  it.each(FAULTS)('%j at "%s"', (config, path, message) => {
    const problems = problemsOf(config);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toMatch(message);
  });

  it('all faults are reported at once, a line each', () => {
    const problems = problemsOf({ upstream: { url: 'x' }, listen: { tls: 5 }, bucketSeconds: 2 });
    expect(problems.map(({ path }) => path)).toEqual(['upstream.url', 'listen.tls', 'bucketSeconds']);
    const lines = explainProblems('my.json', problems).split('\n');
    expect(lines.map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
      'my.json: upstream.url',
      'my.json: listen.tls',
      'my.json: bucketSeconds',
    ]);
  });

  it('reports every fault in the routes at once', () => {
    const problems = problemsOf({
      routes: [
        { path: '/a/**/b', posts: [{ json: 'x' }, { json: '$.a[*]', where: 'x' }] },
        { path: '/c', posts: [{ json: '$.a[0]' }] },
      ],
    });
    expect(problems.map(({ path }) => path)).toEqual([
      'routes[0].path',
      'routes[0].posts[0].json',
      'routes[0].posts[1].where',
      'routes[1].posts[0].json',
    ]);
  });
});

describe('what is left out has its default', () => {
  it('everything', () => {
    const result = parseConfig('{}');
    if (!result.ok) throw new Error(explainProblems('{}', result.problems));
    const { config, routes } = result;
    expect(config.upstream).toMatchObject({ host: 'client', via: 'postmeter', connections: 256 });
    expect(config.listen).toMatchObject({ maxHeaderBytes: 16_384, maxRequestBodyBytes: 1024 ** 3 });
    expect(config).toMatchObject({ bucketSeconds: 60, trustedProxies: [], routes: [] });
    expect(config.count).toMatchObject({ header: 'X-Post-Count', maxDecodedBytes: 1024 ** 3, unique: true });
    expect(config.billing).toEqual({
      ...{ intervalSeconds: 60, latenessSeconds: 3_600, approval: 'manual' },
      fourEyes: FOUR_EYES,
    });
    expect(config.pace).toBeUndefined();
    expect(routes.rules).toEqual([]);
    // An idle client is not shown the door while its answer may still come.
    expect(config.listen.idleTimeoutMs).toBeGreaterThan(config.upstream.bodyTimeoutMs);
    expect(config.listen.idleTimeoutMs).toBeGreaterThan(config.upstream.headersTimeoutMs);
  });

  it('a platform brings its routes, after the own ones', () => {
    const own = { path: '/2/**', posts: 'none' };
    const result = parseConfig(JSON.stringify({ platform: ['x', 'feeds'], routes: [own] }));
    if (!result.ok) throw new Error(explainProblems('{}', result.problems));
    expect(result.config.routes).toHaveLength(1);
    expect(result.routes.rules[0]).toMatchObject({ name: '/2/**', format: 'none' });
    const formats = new Set(result.routes.rules.map(({ format }) => format));
    expect(formats).toEqual(new Set(['none', 'json', 'ndjson', 'feed']));
    const one = parseConfig('{"platform":"wordpress","count":{"kinds":{"reply":false}}}');
    if (!one.ok) throw new Error(explainProblems('{}', one.problems));
    const counts = one.routes.rules.flatMap((rule) => (rule.format === 'none' ? [] : rule.selectors));
    expect(counts.filter(({ kind }) => kind === 'reply').every(({ counts }) => !counts)).toBe(true);
    expect(counts.some(({ kind, counts }) => kind === 'post' && counts)).toBe(true);
  });

  it('one field leaves its neighbours theirs', () => {
    const [all, one] = [parseConfig('{}'), parseConfig('{"listen":{"maxConnections":5}}')];
    if (!all.ok || !one.ok) throw new Error('both are valid');
    expect(one.config).toEqual({ ...all.config, listen: { ...all.config.listen, maxConnections: 5 } });
  });
});
