import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../../src/adapters/crypto/sha256-hex.ts';
import { rateLimiter } from '../../../../src/adapters/memory/rates.ts';
import { decodeWhole } from '../../../../src/adapters/node/coding/decode-whole.ts';
import { nodeDecoders } from '../../../../src/adapters/node/coding/decoders.ts';
import { Exchange } from '../../../../src/adapters/node/http/exchange.ts';
import { TurnScheduler } from '../../../../src/adapters/node/http/turn-scheduler.ts';
import type {
  RequestHandle,
  ResponseHandler,
  Upstream,
  UpstreamRequest,
} from '../../../../src/adapters/node/http/upstream/response-handler.ts';
import { DEFAULT_KINDS } from '../../../../src/count/kinds.ts';
import { compileRoutes } from '../../../../src/count/route/compile.ts';
import { routeSchema } from '../../../../src/count/route/schema.ts';
import type { GatewayDeps } from '../../../../src/exchange/deps.ts';
import { MeteredExchange } from '../../../../src/exchange/metered-exchange.ts';
import { ResourceRights } from '../../../../src/exchange/resource-rights.ts';
import { MAX_INFORMATIONAL } from '../../../../src/forward/early-hints.ts';
import { UpstreamError } from '../../../../src/forward/failure.ts';
import { RouteSelection } from '../../../../src/forward/shape/route-selection.ts';
import { buildDirectory } from '../../../../src/identify/directory.ts';
import type { Usage } from '../../../../src/meter/usage.ts';
import { GatewayCounters } from '../../../../src/report/gateway-counters.ts';
import { NO_STATES } from '../../../../src/rights/state.ts';
import { DEFAULT_TARIFF } from '../../../../src/tariff/tariff.ts';
import { FORWARD } from '../../../forward/options.ts';
import { askersFor, UNKNOWN_ASKER } from '../../../support/askers.ts';
import { arriving } from './arriving.ts';

/** Keeps the requests that were sent, so that the test can answer them in any order. */
class HeldUpstream implements Upstream {
  readonly handlers: ResponseHandler[] = [];
  readonly requests: UpstreamRequest[] = [];
  aborted = 0;

  send(request: UpstreamRequest, handler: ResponseHandler): RequestHandle {
    this.requests.push(request);
    this.handlers.push(handler);
    return {
      abort: (error) => {
        this.aborted++;
        handler.onError(error);
      },
      resume: () => {},
    };
  }

  upgrade(): RequestHandle {
    throw new Error('no test upgrades');
  }

  giveBack = (): void => {};

  async close(): Promise<void> {}

  connected(at = 0): ResponseHandler {
    const handler = this.handlers[at]!;
    handler.onConnect();
    return handler;
  }
}

interface Stage {
  readonly exchange: Exchange;
  readonly upstream: HeldUpstream;
  readonly client: Socket;
  heard(): string;
  readonly outgoing: ServerResponse;
  /** The journalled usage. */
  readonly usage: Usage[];
  readonly tally: GatewayCounters;
  readonly failures: string[];
}

const arrive = arriving();

const ROUTES = compileRoutes(
  [routeSchema.parse({ path: '/posts', posts: [{ json: '$.data[*]' }] })],
  DEFAULT_KINDS,
);

/** @param delivers true if the journal takes the usage. */
async function start({ method = 'GET', delivers = true, body = '' } = {}): Promise<Stage> {
  const request = `${method} /posts HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { client, outgoing, heard } = await arrive(request);
  const [usage, failures, tally, upstream] = [
    [] as Usage[],
    [] as string[],
    new GatewayCounters(),
    new HeldUpstream(),
  ];
  tally.requestStarted();
  const identity = { clientId: 'c', identifierId: 'i', address: '127.0.0.1' };
  if (!ROUTES.ok) throw new Error('the routes are valid');
  const asked = { method, path: '/posts', headers: [], isTrusted: false };
  const deps = depsOf(tally, (one, released) => {
    usage.push(one);
    setImmediate(() => released(delivers));
  });
  const resource = {
    asker: UNKNOWN_ASKER,
    clientId: 'c',
    method,
    path: '/posts',
    hosts: () => ['a'],
    route: '/posts',
  };
  const rights = new ResourceRights(deps, resource, null, 0);
  const metered = new MeteredExchange(
    deps,
    { identity, asker: UNKNOWN_ASKER, tariff: DEFAULT_TARIFF, rights },
    asked,
    new RouteSelection(ROUTES.routes, asked, null),
    [],
  );
  const context = {
    upstream,
    turnScheduler: new TurnScheduler(),
    tally,
    onFailure: (code: string) => void failures.push(code),
  };
  const exchange = new Exchange(context, metered, body === '' ? null : outgoing.req, outgoing);
  exchange.start();
  return { exchange, upstream, client, heard, outgoing, usage, tally, failures };
}

function depsOf(tally: GatewayCounters, record: GatewayDeps['record']): GatewayDeps {
  if (!ROUTES.ok) throw new Error('the routes are valid');
  return {
    identify: () => ({
      kind: 'identified',
      identity: { clientId: 'c', identifierId: 'i', address: '' },
      by: 'key',
    }),
    askers: askersFor(),
    refusesInvalidSignatures: false,
    peer: () => ({ address: '127.0.0.1', trusted: false }),
    directory: () =>
      buildDirectory({ clients: [], identifiers: [], tariffs: [], policies: [], policyVersions: [] }, 60),
    total: (clientId) => ({ clientId, posts: 0, asOfMs: 0 }),
    isTotalKnown: () => true,
    firstTotal: () => null,
    subjectRules: [],
    rates: rateLimiter(),
    rights: { asOf: null, statesOf: (subjects) => subjects.map(() => NO_STATES) },
    pace: null,
    forward: { ...FORWARD, via: null },
    routes: ROUTES.routes,
    decoders: nodeDecoders,
    crossCheck: null,
    countLimits: { maxDecodedBytes: 1_000_000, wantsIds: false },
    requestLimits: { maxBytes: 1_000, maxMs: 1_000 },
    readsForms: true,
    graphql: { refusesUnreadable: true, decode: decodeWhole },
    sha256Hex,
    countHeader: 'x-post-count',
    record,
    isUnmeterable: () => false,
    isOverloaded: () => false,
    bucketSeconds: 60,
    nowMs: () => 0,
    tally,
    terms: () => null,
    onRobotsFault: () => {},
    onUncounted: () => {},
    stopwatch: () => 0,
    access: null,
  };
}

const JSON_HEAD = ['Content-Type', 'application/json'];
const broken = (): Error => new UpstreamError('POSTMETER_BROKE_OFF', 'The upstream closed the connection.');

describe('a request waits for a connection', () => {
  it('until one is free', async () => {
    const { upstream, tally } = await start();
    expect(tally.waiting()).toBe(1);
    upstream.connected();
    expect(tally.waiting()).toBe(0);
  });

  it('until none can be opened, and again if it is sent a second time', async () => {
    const { exchange, upstream, tally } = await start();
    exchange.onError(broken());
    expect([upstream.handlers.length, tally.waiting()]).toEqual([2, 1]);
    exchange.onError(broken());
    expect([tally.waiting(), tally.inFlight()]).toEqual([0, 0]);
  });

  it('until its client closes the connection', async () => {
    const { upstream, client, outgoing, usage, tally } = await start();
    client.destroy();
    await once(outgoing, 'close');
    expect(upstream.aborted).toBe(1);
    expect([tally.waiting(), tally.inFlight()]).toEqual([0, 0]);
    expect(usage).toMatchObject([{ requests: 1, posts: 0, bytes: 0 }]);
  });
});

describe('a client that disconnects', () => {
  it('in the middle is metered once, whatever the upstream does afterwards', async () => {
    const { upstream, client, outgoing, usage, failures, tally, heard } = await start();
    const exchange = upstream.connected();
    exchange.onHeaders(200, 'OK', JSON_HEAD);
    exchange.onData(Buffer.from('{"data":[{},{},'));
    await expect.poll(heard).toContain('{"data":[{},{},');
    exchange.onData(Buffer.from('{},{},'));
    client.destroy();
    await once(outgoing, 'close');
    expect(upstream.aborted).toBe(1);
    expect(exchange.onData(Buffer.from('{},{}]}'))).toBe(true);
    exchange.onComplete([]);
    exchange.onError(broken());
    // The third and fourth chunk may have left at the end of their turn; the last two never did.
    expect(usage).toHaveLength(1);
    expect(usage[0]!.posts).toBeGreaterThanOrEqual(2);
    expect(usage[0]!.posts).toBeLessThanOrEqual(4);
    expect(failures).toEqual([]);
    expect(tally.inFlight()).toBe(0);
  });
});

describe('an upstream that fails before it answers', () => {
  it('receives a GET once more, and not a third time', async () => {
    const { upstream, usage, failures, heard } = await start();
    upstream.connected().onError(broken());
    expect(upstream.handlers).toHaveLength(2);
    upstream.connected(1).onError(broken());
    expect(upstream.handlers).toHaveLength(2);
    expect(usage).toMatchObject([{ requests: 1, posts: 0 }]);
    expect(failures).toEqual(['upstream_broke_off']);
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*"code":"upstream_broke_off"/);
  });

  it('may answer the second time, and the client sees nothing of the first attempt', async () => {
    const { upstream, usage, failures, heard } = await start();
    upstream.connected().onError(broken());
    const exchange = upstream.connected(1);
    exchange.onHeaders(200, 'OK', JSON_HEAD);
    exchange.onData(Buffer.from('{"data":[{}]}'));
    exchange.onComplete([]);
    expect(usage).toMatchObject([{ requests: 1, posts: 1 }]);
    expect(failures).toEqual([]);
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"data":\[\{\}\]\}/);
  });

  it.each([
    ['POST', ''],
    ['DELETE', ''],
    ['GET', 'body'],
  ])('is not retried for %s with the body "%s"', async (method, body) => {
    const { upstream, heard } = await start({ method, body });
    upstream.connected().onError(broken());
    expect(upstream.handlers).toHaveLength(1);
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 502 /);
  });

  it('is not retried after an error that is not a lost connection', async () => {
    const { upstream, heard } = await start();
    upstream.connected().onError(new UpstreamError('POSTMETER_TIMEOUT', 'slow'));
    expect(upstream.handlers).toHaveLength(1);
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 504 /);
  });
});

describe('an upstream that fails after it answered', () => {
  it('is never retried, and what it sent is delivered and counted', async () => {
    const { upstream, usage, heard, client } = await start();
    const closed = once(client, 'close');
    const exchange = upstream.connected();
    exchange.onHeaders(200, 'OK', JSON_HEAD);
    exchange.onData(Buffer.from('{"data":[{},{},'));
    exchange.onError(broken());
    await closed;
    expect(upstream.handlers).toHaveLength(1);
    expect(usage).toMatchObject([{ requests: 1, posts: 2, bytes: 15 }]);
    expect(heard()).toContain('{"data":[{},{},');
    expect(heard()).not.toContain('\r\n0\r\n');
  });
});

describe('1xx responses', () => {
  it('are cut off if there are too many, and the client receives 502', async () => {
    const { upstream } = await start();
    const exchange = upstream.connected();
    for (let i = 0; i < MAX_INFORMATIONAL; i++) exchange.onHeaders(102, 'Processing', []);
    expect(upstream.aborted).toBe(0);
    exchange.onHeaders(102, 'Processing', []);
    expect(upstream.aborted).toBe(1);
  });

  it('are forwarded if they are hints, before the response', async () => {
    const { upstream, heard } = await start();
    const exchange = upstream.connected();
    exchange.onHeaders(102, 'Processing', []);
    exchange.onHeaders(103, 'Early Hints', ['Link', '</a>; rel=preload, </b>', 'X-Other', '1']);
    exchange.onHeaders(103, 'Early Hints', ['Link', 'nonsense']);
    exchange.onHeaders(204, 'No Content', []);
    exchange.onComplete([]);
    await expect.poll(heard).toContain('204');
    expect(heard().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 103', 'HTTP/1.1 204']);
    expect(heard()).toContain('Link: </a>; rel=preload, </b>\r\n');
    expect(heard()).not.toContain('X-Other');
  });
});

it('a response is aborted if its usage cannot be written and must be', async () => {
  const { upstream, client, heard, usage } = await start({ delivers: false });
  const closed = once(client, 'close');
  const exchange = upstream.connected();
  exchange.onHeaders(200, 'OK', [...JSON_HEAD, ...['Content-Length', '12']]);
  exchange.onData(Buffer.from('{"data":[{}]}'));
  exchange.onComplete([]);
  await closed;
  expect(usage).toHaveLength(1);
  expect(heard()).toBe('');
});
