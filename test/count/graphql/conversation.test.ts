/** GraphQL over a WebSocket: what the client asks is read first, and each result is counted by its own operation. */

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { nodeDecoders } from '../../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../../src/count/count-decision.ts';
import { createCounter } from '../../../src/count/create-counter.ts';
import { Conversation } from '../../../src/count/graphql/conversation.ts';
import type { RequestPlans } from '../../../src/count/graphql/request.ts';
import { matchRoute } from '../../../src/count/route/match.ts';
import { graphqlRoutes } from './answering.ts';

const routes = graphqlRoutes(['posts'], { documents: { listed: '{posts{id}}' } });
const match = matchRoute(routes, 'GET', '/graphql');
const MAX_BYTES = 4_096;
const NO_FIELDS = { declaredCount: undefined, contentType: undefined, contentEncoding: undefined };

/** One connection, with the messages of both ends in their order. */
class Talk {
  readonly #conversation: Conversation;
  readonly #counter;
  nowMs = 5_000;

  constructor({ protocol = 'graphql-transport-ws' as string | undefined, refuses = true } = {}) {
    const rule = match.find(({ format }) => format === 'graphql')!;
    if (rule.format !== 'graphql') throw new Error('no rule');
    const reading = { sha256Hex, maxBytes: MAX_BYTES, refuses, nowMs: () => this.nowMs };
    const conversation = new Conversation(rule.plan, reading);
    this.#conversation = conversation;
    const asked: RequestPlans = { planFor: () => 'unknown', conversationFor: () => conversation };
    const limits = { maxDecodedBytes: 1 << 20, wantsIds: false };
    this.#counter = createCounter(
      decide('GET', 101, NO_FIELDS, match, asked),
      nodeDecoders,
      limits,
      () => {},
    );
    conversation.begin(protocol);
  }

  get refusal(): string | null {
    return this.#conversation.refusal;
  }

  /** @returns whether the upstream may have it. */
  asks(message: object | string): boolean {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.#conversation.hear(new TextEncoder().encode(text));
    return this.refusal === null;
  }

  /** @returns posts of this message; the reason if the connection became uncounted with it. */
  serves(message: object | string): unknown {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.#counter.write(new TextEncoder().encode(text));
    const { posts, uncounted } = this.#counter.take();
    return uncounted ?? posts;
  }
}

const subscribe = (id: unknown, query: string, rest: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...rest },
});
const next = (id: string, data: unknown) => ({ id, type: 'next', payload: { data } });
const posts = (n: number) => Array.from({ length: n }, (_, id) => ({ id }));
const START = { type: 'start', id: '1', payload: { query: '{posts{id}}' } };

describe('results', () => {
  it('are counted by the operation of their id', () => {
    const talk = new Talk();
    expect(talk.asks({ type: 'connection_init', payload: { token: 'x' } })).toBe(true);
    expect(talk.serves({ type: 'connection_ack' })).toBe(0);
    expect(talk.asks(subscribe('a', '{x:posts{id}}'))).toBe(true);
    expect(talk.asks(subscribe('b', 'subscription{added{x:users{id}}}'))).toBe(true);
    expect(talk.serves(next('b', { added: { x: posts(5) }, x: posts(2) }))).toBe(0);
    expect(talk.serves(next('a', { x: posts(3) }))).toBe(3);
    expect(talk.serves({ payload: { data: { x: posts(1) } }, id: 'a', type: 'next' })).toBe(1);
    expect(talk.serves({ type: 'ping' })).toBe(0);
    expect(talk.serves({ type: 'error', id: 'b', payload: [{ message: 'no' }] })).toBe(0);
    expect(talk.serves({ type: 'complete', id: 'a' })).toBe(0);
    expect(talk.asks({ type: 'pong' })).toBe(true);
    expect(talk.asks({ type: 'complete', id: 'a' })).toBe(true);
  });

  it('come in parts with @defer and @stream', () => {
    const talk = new Talk();
    talk.asks(subscribe('a', '{user{...@defer{posts{id}}}}'));
    expect(talk.serves(next('a', { user: {} }))).toBe(0);
    const incremental = [{ path: ['user'], data: { posts: posts(2) } }];
    expect(talk.serves({ id: 'a', type: 'next', payload: { incremental, hasNext: false } })).toBe(2);
  });

  it('of a persisted query are counted, or uncounted if it is not known', () => {
    const talk = new Talk();
    expect(talk.asks({ id: 'a', type: 'subscribe', payload: { id: 'listed' } })).toBe(true);
    expect(talk.serves(next('a', { posts: posts(2) }))).toBe(2);
    const sha256Hash = createHash('sha256').update('{y:posts{id}}').digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    expect(talk.asks({ id: 'b', type: 'subscribe', payload: { extensions } })).toBe(true);
    expect(talk.serves({ id: 'b', type: 'next', payload: { errors: [{ message: 'not found' }] } })).toBe(0);
    expect(talk.asks(subscribe('c', '{y:posts{id}}', { extensions }))).toBe(true);
    expect(talk.serves(next('c', { y: posts(4) }))).toBe(4);
    expect(talk.asks({ id: 'd', type: 'subscribe', payload: { id: 'unknown' } })).toBe(true);
    expect(talk.serves(next('d', { posts: posts(2) }))).toBe('document');
    expect(talk.refusal).toBe(null);
  });

  it('of the older protocol are counted too', () => {
    const talk = new Talk({ protocol: 'graphql-ws' });
    expect(talk.asks({ type: 'connection_init' })).toBe(true);
    expect(talk.asks(START)).toBe(true);
    expect(talk.serves({ type: 'ka' })).toBe(0);
    expect(talk.serves({ type: 'data', id: '1', payload: { data: { posts: posts(2) } } })).toBe(2);
    expect(talk.asks({ type: 'stop', id: '1' })).toBe(true);
    expect(talk.asks(subscribe('2', '{posts{id}}'))).toBe(false);
  });
});

describe('a message is not given to the upstream', () => {
  const deep = `{posts{id}}${' '.repeat(MAX_BYTES)}`;
  it.each<[string, object | string]>([
    ['that is no JSON', '{"type":"subscribe"'],
    ['that is a list', [subscribe('1', '{posts{id}}')]],
    ['of an unknown type', START],
    ['without a type', { id: '1', payload: { query: '{posts{id}}' } }],
    ['without an id', { type: 'subscribe', payload: { query: '{users{id}}' } }],
    [
      'with a payload twice',
      '{"type":"subscribe","id":"1","payload":{"query":"{a}"},"payload":{"query":"{posts{id}}"}}',
    ],
    [
      'with a payload in another letter case too',
      { ...subscribe('1', '{a}'), Payload: { query: '{posts{id}}' } },
    ],
    ['with a query in another letter case too', subscribe('1', '{a}', { Query: '{posts{id}}' })],
    ['that asks for nothing', { type: 'subscribe', id: '1', payload: {} }],
    [
      'whose payload is a text',
      { type: 'subscribe', id: '1', payload: JSON.stringify({ query: '{posts{id}}' }) },
    ],
    ['whose document does not parse', subscribe('1', '{posts{')],
    ['whose document is not known', subscribe('1', '{posts{...F}}')],
    ['over the bound', subscribe('1', deep)],
  ])('%s', (_, message) => {
    const talk = new Talk();
    expect(talk.asks(message)).toBe(false);
    expect(talk.refusal!.length).toBeLessThanOrEqual(123);
    const forwarding = new Talk({ refuses: false });
    expect(forwarding.asks(message)).toBe(true);
    expect(forwarding.serves(next('1', { posts: posts(1) }))).toBe('document');
  });

  it('that is not UTF-8', () => {
    const conversation = new Conversation({} as never, {
      sha256Hex,
      maxBytes: 9,
      refuses: true,
      nowMs: () => 0,
    });
    conversation.begin('graphql-ws');
    conversation.hear(Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(conversation.refusal).toContain('cannot read');
  });

  it('if its id belongs to another operation whose results may still come', () => {
    const talk = new Talk();
    talk.asks(subscribe('1', '{posts{id}}'));
    expect(talk.asks(subscribe('1', '{posts{id}}'))).toBe(true);
    talk.asks({ type: 'complete', id: '1' });
    talk.serves({ type: 'complete', id: '1' });
    expect(talk.asks(subscribe('1', '{users{id}}'))).toBe(false);
    const again = new Talk();
    again.asks(subscribe('1', '{posts{id}}'));
    again.serves({ type: 'complete', id: '1' });
    expect(again.asks(subscribe('1', '{users{id}}'))).toBe(true);
  });

  it('if the documents of one second take more than the budget of one request', () => {
    const doubling = (name: string) => {
      const fragments = Array.from({ length: 12 }, (_, i) => `fragment F${i + 1} on P{...F${i} ...F${i}}`);
      return `query ${name}{posts{...F12}} fragment F0 on P{id} ${fragments.join(' ')}`;
    };
    const talk = new Talk();
    expect([0, 1, 2].map((i) => talk.asks(subscribe(`${i}`, doubling(`A${i}`))))).toEqual([true, true, true]);
    talk.nowMs += 1_000;
    expect([3, 4, 5].map((i) => talk.asks(subscribe(`${i}`, doubling(`A${i}`))))).toEqual([true, true, true]);
    expect([6, 7, 8, 9].every((i) => talk.asks(subscribe(`${i}`, doubling(`A${i}`))))).toBe(false);
  });

  it('if there are too many operations', () => {
    const talk = new Talk();
    for (let id = 0; id < 4_096; id++) talk.asks(subscribe(id, '{posts{id}}'));
    expect(talk.refusal).toBe(null);
    expect(talk.asks(subscribe('one more', '{posts{id}}'))).toBe(false);
  });
});

describe('the connection ends', () => {
  it.each([undefined, '', 'graphql-ws-2', 'graphql-ws, graphql-transport-ws'])(
    'if the upstream answers the protocol %s',
    (protocol) => {
      expect(new Talk({ protocol: protocol ?? '' }).refusal).toContain('graphql-transport-ws');
    },
  );

  it.each<[string, object | string, string]>([
    ['is no JSON', 'posts', 'frame'],
    ['is of an unknown type', { type: 'data', id: '1', payload: {} }, 'frame'],
    ['is a result of no operation', next('2', { posts: posts(1) }), 'document'],
    ['is a result without an id', { type: 'next', payload: { data: { posts: posts(1) } } }, 'document'],
  ])('if a message of the upstream %s', (_, message, reason) => {
    const talk = new Talk();
    talk.asks(subscribe('1', '{posts{id}}'));
    expect(talk.serves(message)).toBe(reason);
    expect(talk.refusal).toContain('server');
  });
});

it('counts random conversations as a walk through their messages does', () => {
  const event = fc.record({
    kind: fc.constantFrom('subscribe', 'next', 'next', 'next', 'complete', 'stop'),
    id: fc.constantFrom('1', '2', '3'),
    key: fc.constantFrom('p', 'q'),
    size: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const talk = new Talk();
      /** What each id asks for under the two keys, and how often it is open. */
      const open = new Map<string, { key: string; times: number }>();
      for (const { kind, id, key, size } of events) {
        const known = open.get(id);
        if (kind === 'stop') expect(talk.asks({ type: 'complete', id })).toBe(true);
        else if (kind === 'subscribe') {
          const mayPass = known === undefined || known.key === key;
          const other = key === 'p' ? 'q' : 'p';
          expect(talk.asks(subscribe(id, `{${key}:posts{id} ${other}:users{id}}`))).toBe(mayPass);
          if (!mayPass) return;
          open.set(id, { key, times: (known?.times ?? 0) + 1 });
        } else if (kind === 'complete') {
          talk.serves({ type: 'complete', id });
          if (known !== undefined && --known.times === 0) open.delete(id);
        } else {
          const data = { p: posts(size), q: posts(size + 1) };
          const expected = known === undefined ? 'document' : known.key === 'p' ? size : size + 1;
          expect(talk.serves(next(id, data))).toBe(expected);
          if (known === undefined) return;
        }
      }
    }),
    { numRuns: 200 },
  );
});
