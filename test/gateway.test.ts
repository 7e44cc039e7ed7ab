import { describe, expect, it } from 'vitest';
import { decodeWhole } from '../src/adapters/node/decode-whole.ts';
import { nodeDecoders } from '../src/adapters/node/decoders.ts';
import { sha256Hex } from '../src/adapters/node/sha256-hex.ts';
import { DEFAULT_KINDS } from '../src/count/kinds.ts';
import { compileRoutes } from '../src/count/route/compile.ts';
import { routeSchema } from '../src/count/route/schema.ts';
import { Gateway, type Received } from '../src/gateway.ts';
import { buildDirectory } from '../src/identify/directory.ts';
import type { Usage } from '../src/meter/usage.ts';
import { Tally } from '../src/report/tally.ts';
import { DEFAULT_TARIFF, type Tariff } from '../src/tariff/tariff.ts';
import { FORWARD } from './forward/options.ts';

const nowMs = Date.UTC(2026, 2, 1, 12);
const refusing: Tariff = { ...DEFAULT_TARIFF, threshold: 100, onThreshold: 'refuse' };

/** A gateway with one client, whose total the test sets. */
function rig(tariff: Tariff) {
  const stream = { path: '/stream', format: 'sse', events: ['post'], posts: [{ json: '$.list[*]' }] };
  const routes = compileRoutes([routeSchema.parse(stream)], DEFAULT_KINDS);
  if (!routes.ok) throw new Error('the routes are valid');
  const usage: Usage[] = [];
  const known = { are: true, posts: 0 };
  const version = { id: 't', clientId: null, version: 1, validFromMs: 0, tariff };
  const directory = buildDirectory({ clients: [], identifiers: [], tariffs: [version] }, 60);
  const gateway = new Gateway({
    identify: () => ({ kind: 'identified', identity: { clientId: 'c', identifierId: 'i', address: '' } }),
    peer: () => ({ address: '127.0.0.1', trusted: false }),
    directory: () => directory,
    total: (clientId) => ({ clientId, posts: known.posts, asOfMs: nowMs }),
    isTotalKnown: () => known.are,
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
    tally: new Tally(),
    onUncounted: () => {},
    stopwatch: () => 0,
    access: null,
  });
  const receive = (target = '/posts') =>
    gateway.receive({ method: 'GET', target, headers: [], host: 'a', peer: '127.0.0.1', secure: false });
  return { receive, usage, known };
}

const statusOf = (received: Received) =>
  received.kind === 'refused' ? received.problem.status : 'forwarded';

describe('while the window store is away', () => {
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

  it('a tariff that fails open goes by what this process knows', () => {
    const { receive, known } = rig(refusing);
    known.are = false;
    expect(statusOf(receive())).toBe('forwarded');
    known.posts = 100;
    expect(statusOf(receive())).toBe(429);
  });

  it.each([
    ['failClosed', false],
    ['failOpen', true],
  ] as const)('a stream under %s goes on: %s', (whenUnknown, goesOn) => {
    const { receive, usage, known } = rig({ ...refusing, whenUnknown });
    const received = receive('/stream');
    if (received.kind !== 'forward') throw new Error('it was refused');
    const { passage } = received;
    const { counter } = passage.answer(200, ['Content-Type', 'text/event-stream'], () => {});
    const event = new TextEncoder().encode('event: post\ndata: {"list":[{}]}\n\n');
    counter!.write(event);
    expect(passage.meterSoFar(counter!, event.length)).toBe(true);
    known.are = false;
    counter!.write(event);
    expect(passage.meterSoFar(counter!, 2 * event.length)).toBe(goesOn);
    expect(usage.map(({ posts }) => posts)).toEqual([1, 1]);
  });
});
