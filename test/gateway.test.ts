import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../src/adapters/crypto/sha256-hex.ts';
import { rateLimiter } from '../src/adapters/memory/rates.ts';
import { decodeWhole } from '../src/adapters/node/coding/decode-whole.ts';
import { nodeDecoders } from '../src/adapters/node/coding/decoders.ts';
import type { ClientPolicy } from '../src/admit/policy.ts';
import { DEFAULT_KINDS } from '../src/count/kinds.ts';
import { compileRoutes } from '../src/count/route/compile.ts';
import { routeSchema } from '../src/count/route/schema.ts';
import type { GatewayDeps } from '../src/exchange/deps.ts';
import { Gateway, type ReceiveResult } from '../src/gateway.ts';
import { buildDirectory } from '../src/identify/directory.ts';
import { createIdentify } from '../src/identify/identify.ts';
import type { Identity } from '../src/identify/identity.ts';
import type { DirectorySnapshot } from '../src/identify/port.ts';
import { identifySettingsSchema } from '../src/identify/settings.ts';
import type { Usage } from '../src/meter/usage.ts';
import type { AccessEntry } from '../src/report/access.ts';
import { GatewayCounters } from '../src/report/gateway-counters.ts';
import type { AgentVerdict } from '../src/rights/asker.ts';
import { NO_STATES } from '../src/rights/state.ts';
import { DEFAULT_TARIFF, type Tariff } from '../src/tariff/tariff.ts';
import { FORWARD } from './forward/options.ts';
import { askersFor } from './support/askers.ts';

const nowMs = Date.UTC(2026, 2, 1, 12);
const refusing: Tariff = { ...DEFAULT_TARIFF, threshold: 100, onThreshold: 'refuse' };

/** A gateway with one client, whose total the test sets. */
function rig(
  tariff: Tariff,
  policies: DirectorySnapshot['policies'] = [],
  identity: Partial<Identity> = {},
  deps: Partial<GatewayDeps> = {},
) {
  const stream = { path: '/stream', format: 'sse', events: ['post'], posts: [{ json: '$.list[*]' }] };
  const routes = compileRoutes([routeSchema.parse(stream)], DEFAULT_KINDS);
  if (!routes.ok) throw new Error('the routes are valid');
  const usage: Usage[] = [];
  const known = { are: true, posts: 0, wait: null as Promise<void> | null };
  const version = { id: 't', clientId: null, version: 1, validFromMs: 0, tariff };
  let directory = buildDirectory(
    { clients: [], identifiers: [], tariffs: [version], policies, policyVersions: [] },
    60,
  );
  const gateway = new Gateway({
    identify: () => ({
      kind: 'identified',
      identity: { clientId: 'c', identifierId: 'i', address: '', ...identity },
      by: 'key',
    }),
    askers: askersFor(),
    refusesInvalidSignatures: false,
    peer: () => ({ address: '127.0.0.1', trusted: false }),
    directory: () => directory,
    total: (clientId) => ({ clientId, posts: known.posts, asOfMs: nowMs }),
    isTotalKnown: () => known.are,
    firstTotal: () => known.wait,
    subjectRules: [],
    rates: rateLimiter(),
    rights: { asOf: null, statesOf: (subjects) => subjects.map(() => NO_STATES) },
    pace: null,
    forward: { ...FORWARD, via: null },
    routes: routes.routes,
    decoders: nodeDecoders,
    crossCheck: null,
    countLimits: { maxDecodedBytes: 1_000_000, wantsIds: false },
    requestLimits: { maxBytes: 1_000, maxMs: 1_000 },
    readsForms: true,
    graphql: { refusesUnreadable: true, decode: decodeWhole },
    sha256Hex,
    countHeader: 'x-post-count',
    record: (one, released) => {
      usage.push(one);
      released(true);
    },
    isUnmeterable: () => false,
    isOverloaded: () => false,
    bucketSeconds: 60,
    nowMs: () => nowMs,
    tally: new GatewayCounters(),
    terms: () => null,
    onRobotsFault: () => {},
    onUncounted: () => {},
    stopwatch: () => 0,
    access: null,
    ...deps,
  });
  const receive = (target = '/posts', headers: readonly string[] = []) =>
    gateway.receive({ method: 'GET', target, headers, host: 'a', peer: '127.0.0.1', secure: false });
  const receiveNow = (target?: string, headers?: readonly string[]): ReceiveResult => {
    const received = receive(target, headers);
    if (received instanceof Promise) throw new Error('the request waits');
    return received;
  };
  const setPolicies = (now: DirectorySnapshot['policies']): void => {
    directory = buildDirectory(
      { clients: [], identifiers: [], tariffs: [version], policies: now, policyVersions: [] },
      60,
    );
  };
  return { receive: receiveNow, receiveLater: receive, usage, known, setPolicies };
}

const statusOf = (received: ReceiveResult) =>
  received.kind === 'refused' ? received.problem.status : 'forwarded';

describe('while the window store is unreachable', () => {
  it('a tariff that fails closed refuses, and the refusal is in the usage with 0 posts', () => {
    const { receive, usage, known } = rig({ ...refusing, whenUnknown: 'failClosed' });
    expect(statusOf(receive())).toBe('forwarded');
    known.are = false;
    const refused = receive();
    if (refused.kind !== 'refused') throw new Error('it was forwarded');
    expect(refused.problem).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(refused.problem.headers).not.toHaveProperty('ratelimit');
    expect(JSON.parse(refused.problem.body)).toMatchObject({ code: 'limit_unknown' });
    expect(usage).toMatchObject([{ clientId: 'c', requests: 1, refused: 1, posts: 0, bytes: 0 }]);
    known.are = true;
    expect(statusOf(receive())).toBe('forwarded');
  });

  it('a tariff that fails open decides by the posts that this process knows', () => {
    const { receive, known } = rig(refusing);
    known.are = false;
    expect(statusOf(receive())).toBe('forwarded');
    known.posts = 100;
    expect(statusOf(receive())).toBe(429);
  });

  it.each([
    ['failClosed', false],
    ['failOpen', true],
  ] as const)('a stream under %s continues: %s', (whenUnknown, goesOn) => {
    const { receive, usage, known } = rig({ ...refusing, whenUnknown });
    const received = receive('/stream');
    if (received.kind !== 'forward') throw new Error('it was refused');
    const { metered } = received;
    const { counter } = metered.onResponseHead(200, ['Content-Type', 'text/event-stream'], () => {});
    const event = new TextEncoder().encode('event: post\ndata: {"list":[{}]}\n\n');
    counter!.write(event);
    expect(metered.meterPartial(counter!, event.length)).toBe(true);
    known.are = false;
    counter!.write(event);
    expect(metered.meterPartial(counter!, 2 * event.length)).toBe(goesOn);
    expect(usage.map(({ posts }) => posts)).toEqual([1, 1]);
  });
});

describe('the asker of a request', () => {
  const key = { id: 'k', clientId: 'acme', kind: 'api_key', keyHash: 'hash of key' } as const;
  const agent = { id: 'a', clientId: 'openai', kind: 'agent', agent: 'GPTBot' } as const;
  const url = { id: 'u', clientId: 'rival', kind: 'agent', agent: 'https://signer.example' } as const;
  const directory = buildDirectory(
    {
      clients: [{ id: 'openai', name: 'OpenAI', askerClass: 'ai_input' }],
      identifiers: [key, agent, url],
      tariffs: [],
      policies: [],
      policyVersions: [],
    },
    60,
  );
  const signer = {
    signer: 'https://signer.example',
    outcome: 'verified',
    grade: 'bound',
    reason: null,
  } as const;
  const receiving = (verdict: AgentVerdict, ...headers: string[]) => {
    const entries: AccessEntry[] = [];
    const tally = new GatewayCounters();
    const { receive, usage } = rig(
      DEFAULT_TARIFF,
      [],
      {},
      {
        identify: createIdentify({
          settings: identifySettingsSchema.parse({}),
          trustedProxies: [],
          hashKey: (text) => `hash of ${text}`,
        }),
        askers: askersFor({
          knowledge: {
            judge: () => ({ verdict, by: verdict === 'verified' ? 'range' : null }),
            operatorsOf: () => [],
          },
          signatures: { check: () => signer },
        }),
        directory: () => directory,
        tally,
        access: (entry) => void entries.push(entry),
      },
    );
    const received = receive('/posts', ['User-Agent', 'GPTBot/1.2', ...headers]);
    if (received.kind === 'forward') received.metered.settle(null, 0, true, () => {});
    return { received, client: usage[0]?.clientId, entries, askers: tally.askers() };
  };

  it('decides the client and the class if its agent is proven and registered', () => {
    const { received, client, entries, askers } = receiving('verified');
    const asker = { class: 'ai_input', agent: 'GPTBot', verdict: 'verified', evidence: 'range' };
    expect(client).toBe('openai');
    expect(received).toMatchObject({ kind: 'forward', metered: { asker } });
    expect(entries).toMatchObject([{ client: 'openai', asker }]);
    expect(askers).toEqual([{ labels: { class: 'ai_input', evidence: 'range' }, value: 1 }]);
  });

  it('leaves a claim with its address', () => {
    const { received, client } = receiving('pending');
    expect(client).toBe('addr:127.0.0.1');
    expect(received).toMatchObject({ metered: { asker: { class: 'ai_training', alsoAs: 'unknown' } } });
  });

  it('is the developer of a key, whatever its address proves', () => {
    const { received, client } = receiving('verified', 'X-API-Key', 'key');
    expect(client).toBe('acme');
    expect(received).toMatchObject({ metered: { asker: { class: 'developer', evidence: 'credential' } } });
  });

  it('is refused with the key of one client and the signature of another, and metered under its address', () => {
    const { received, client, entries } = receiving(
      'verified',
      'X-API-Key',
      'key',
      'Signature-Input',
      'a=()',
    );
    expect(statusOf(received)).toBe(401);
    expect(client).toBe('net:127.0.0.0/24');
    expect(entries).toMatchObject([{ client: 'net:127.0.0.0/24', asker: null, status: 401 }]);
  });
});

const headersOf = (received: ReceiveResult): string[] => {
  if (received.kind === 'refused') return Object.keys(received.problem.headers);
  if (received.kind === 'document') return Object.keys(received.document.headers);
  return received.metered.onResponseHead(200, [], () => {}).headers.map((header) => header.toLowerCase());
};

describe('the first request of a client in a process', () => {
  it('waits for the total, and is decided by it', async () => {
    const { receiveLater, known, usage } = rig(refusing);
    let resolve = (): void => {};
    known.are = false;
    known.wait = new Promise((end) => {
      resolve = end;
    });
    const received = receiveLater();
    expect(received).toBeInstanceOf(Promise);
    expect(usage).toEqual([]);
    known.are = true;
    known.posts = 100;
    resolve();
    expect(statusOf(await received)).toBe(429);
  });

  it.each([
    ['failOpen', 'forwarded'],
    ['failClosed', 503],
  ] as const)('is decided by whenUnknown if the total stays unknown: %s', async (whenUnknown, status) => {
    const { receiveLater, known } = rig({ ...refusing, whenUnknown });
    known.are = false;
    known.wait = Promise.resolve();
    expect(statusOf(await receiveLater())).toBe(status);
  });

  it('does not wait under a tariff that bills', () => {
    const { receiveLater, known } = rig({ ...refusing, onThreshold: 'bill' });
    known.wait = new Promise(() => {});
    expect(receiveLater()).not.toBeInstanceOf(Promise);
  });
});

describe('RateLimit fields', () => {
  it('are sent while the total is known, and left out while it is not', () => {
    const { receive, known } = rig({ ...refusing, onThreshold: 'bill' });
    expect(headersOf(receive())).toEqual(expect.arrayContaining(['ratelimit', 'ratelimit-policy']));
    known.are = false;
    const headers = headersOf(receive());
    expect(headers).not.toContain('ratelimit');
    expect(headers).not.toContain('ratelimit-policy');
  });

  it("are left out of a refusal that is based on this process's own posts", () => {
    const { receive, known } = rig(refusing);
    known.posts = 100;
    expect(headersOf(receive())).toContain('ratelimit');
    known.are = false;
    expect(headersOf(receive())).not.toContain('ratelimit');
  });
});

describe('a request under a policy', () => {
  const policyOf = (policy: ClientPolicy) => [{ clientId: 'c', policy }];
  const always = { reason: 'r', untilMs: null };

  it('that refuses is metered as a refused request without posts', () => {
    const { receive, usage } = rig(DEFAULT_TARIFF, policyOf({ action: 'refuse', status: 403, ...always }));
    expect(statusOf(receive())).toBe(403);
    expect(usage).toMatchObject([{ clientId: 'c', requests: 1, refused: 1, posts: 0 }]);
  });

  it('that has ended is handled as without a policy', () => {
    const ended = { action: 'refuse', status: 403, reason: 'r', untilMs: nowMs } as const;
    expect(statusOf(rig(DEFAULT_TARIFF, policyOf(ended)).receive())).toBe('forwarded');
  });

  it('that allows is not refused by the tariff, also while the total is unknown', () => {
    const { receive, known } = rig(
      { ...refusing, whenUnknown: 'failClosed' },
      policyOf({ action: 'allow', ...always }),
    );
    known.posts = 1_000;
    expect(statusOf(receive())).toBe('forwarded');
    known.are = false;
    expect(statusOf(receive())).toBe('forwarded');
  });

  it('that slows is refused beyond the rate', async () => {
    const { receive } = rig(DEFAULT_TARIFF, policyOf({ action: 'slow', ratePerSecond: 0.001, ...always }));
    expect(statusOf(receive())).toBe('forwarded');
    await new Promise(setImmediate);
    expect(statusOf(receive())).toBe(429);
  });

  it("for the caller's address is covered also while it is metered by its range", () => {
    const policy: ClientPolicy = { action: 'refuse', status: 403, ...always };
    const range = { clientId: 'net:203.0.113.0/24', ownId: 'addr:203.0.113.7' };
    const { receive } = rig(DEFAULT_TARIFF, [{ clientId: 'addr:203.0.113.7', policy }], range);
    expect(statusOf(receive())).toBe(403);
  });

  it.each([
    [{ action: 'refuse', status: 403 }, 0, false],
    [{ action: 'allow' }, 1_000, true],
  ] as const)('that is set while a stream runs: %j', (action, posts, goesOn) => {
    const { receive, known, setPolicies } = rig(refusing);
    const received = receive('/stream');
    if (received.kind !== 'forward') throw new Error('it was refused');
    const { counter } = received.metered.onResponseHead(200, ['Content-Type', 'text/event-stream'], () => {});
    const event = new TextEncoder().encode('event: post\ndata: {"list":[{}]}\n\n');
    counter!.write(event);
    setPolicies(policyOf({ ...action, ...always }));
    known.posts = posts;
    expect(received.metered.meterPartial(counter!, event.length)).toBe(goesOn);
  });
});

describe('an unknown caller without a place', () => {
  const newcomer = () => {
    const took = { places: 0 };
    return { took, rangeId: () => 'net:203.0.113.0/24', takePlace: () => void took.places++ };
  };

  it('takes one when it is served', () => {
    const one = newcomer();
    const { receive } = rig(DEFAULT_TARIFF, [], { newcomer: one });
    receive();
    expect(one.took.places).toBe(1);
  });

  it('takes none when it is refused, and its refusal is metered by its range', () => {
    const one = newcomer();
    const { receive, known, usage } = rig({ ...refusing, whenUnknown: 'failClosed' }, [], { newcomer: one });
    known.are = false;
    expect(statusOf(receive())).toBe(503);
    expect(one.took.places).toBe(0);
    expect(usage).toMatchObject([{ clientId: 'net:203.0.113.0/24', refused: 1 }]);
  });
});
