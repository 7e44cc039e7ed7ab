import { describe, expect, it } from 'vitest';
import { decide } from '../../src/count/count-decision.ts';
import { createCounter } from '../../src/count/create-counter.ts';
import type { BodyDecoder, DecodedBody, Decoders } from '../../src/count/port.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import { count, pageOf, piecesOf } from './counting.ts';
import { routesOf } from './rules.ts';

const { body, ends } = pageOf(20);

describe('an identity body', () => {
  it('counts at once, by what was written', async () => {
    for (let at = 0; at <= body.length; at += 17) {
      const cut = await count([body.subarray(0, at)], { isCut: true });
      expect(cut).toEqual({ posts: ends.filter((end) => end <= at).length });
    }
  });

  it('ends before end returns', async () => {
    expect(await count(piecesOf(body, 100))).toEqual({ posts: 20 });
    expect(await count(piecesOf(body, 100), { maxDecodedBytes: body.length })).toEqual({ posts: 20 });
    expect(await count(piecesOf(body, 100), { maxDecodedBytes: body.length - 1 })).toEqual({
      posts: 0,
      uncounted: 'too_large',
    });
  });

  it('is uncounted with 0 posts if its own end cuts it or it is not JSON', async () => {
    expect(await count([body.subarray(0, 500)])).toEqual({ posts: 0, uncounted: 'truncated' });
    expect(await count([body, Buffer.from('}')])).toEqual({ posts: 0, uncounted: 'not_json' });
    expect(await count([Buffer.from('{"data":[{},{}],"data":1')], { isCut: true })).toEqual({
      posts: 0,
      uncounted: 'shape',
    });
  });
});

describe('a declared count', () => {
  it('holds whatever the body is; of one that is cut and has no known length, what was delivered counts', async () => {
    expect(await count([Buffer.from('no JSON')], { declared: '7' })).toEqual({ posts: 7 });
    expect(await count([body], { declared: '7', isCut: true })).toEqual({ posts: 7 });
    expect(await count([body], { declared: 'seven' })).toEqual({ posts: 0, uncounted: 'declared_count' });
  });
});

it('counts nothing if no kind counts', () => {
  const results: unknown[] = [];
  const counter = createCounter(
    { kind: 'none' },
    new HandDecoders(),
    { maxDecodedBytes: 1, wantsIds: false },
    () => {},
  );
  expect(counter.write(body)).toBe(true);
  counter.end((result) => results.push(result));
  counter.abort((result) => results.push(result));
  expect(results).toEqual([{ posts: 0 }, { posts: 0 }]);
});

describe('a decoder', () => {
  it('holds the sender back, and releases it when it stops early', async () => {
    const decoders = new HandDecoders();
    const counting = count([body, body, body], { coding: 'gzip', decoders });
    expect(decoders.written).toBe(1);
    decoders.body.onDrain();
    await Promise.resolve();
    expect(decoders.written).toBe(2);
    expect(decoders.body.onData(Buffer.from('{<'))).toBe(false);
    expect(decoders.isDestroyed).toBe(true);
    expect(await counting).toEqual({ posts: 0, uncounted: 'not_json' });
    expect(decoders.written).toBe(2);
  });

  it('does not hold the sender back if it stopped while it was written to', async () => {
    const decoders: Decoders = {
      open: (_, body) => ({
        write: (chunk) => body.onData(chunk) && false,
        end: () => body.onEnd(),
        destroy: () => {},
      }),
    };
    const chunks = [Buffer.from('{<'), body, body];
    expect(await count(chunks, { coding: 'gzip', decoders })).toEqual({ posts: 0, uncounted: 'not_json' });
  });

  it('does not hold the sender back after the end of the coded data', async () => {
    const decoders = new HandDecoders();
    const counting = count([body, body, body], { coding: 'gzip', decoders });
    decoders.body.onData(body);
    decoders.body.onEnd();
    expect(await counting).toEqual({ posts: 20 });
    expect(decoders.written).toBe(1);
  });

  it('calls onDrain, even if a write found room before', () => {
    let drained = 0;
    let isFull = true;
    const bodies: DecodedBody[] = [];
    const decoders: Decoders = {
      open: (_, decoded) => {
        bodies.push(decoded);
        return { write: () => !isFull, end: () => {}, destroy: () => {} };
      },
    };
    const decision = decide('GET', 200, GZIP, matchRoute(routesOf({ path: '/posts' }), 'GET', '/posts'));
    const limits = { maxDecodedBytes: 1_000_000, wantsIds: false };
    const counter = createCounter(decision, decoders, limits, () => drained++);
    expect(counter.write(body)).toBe(false);
    isFull = false;
    expect(counter.write(body)).toBe(false);
    bodies[0]!.onDrain();
    expect(drained).toBe(1);
    expect(counter.write(body)).toBe(true);
  });

  it('is given up if it does not answer: the sender continues, and the body is uncounted', () => {
    const calls: unknown[] = [];
    const decision = decide('GET', 200, GZIP, matchRoute(routesOf({ path: '/posts' }), 'GET', '/posts'));
    const limits = { maxDecodedBytes: 1_000_000, wantsIds: false };
    const decoders = new HandDecoders();
    const counter = createCounter(decision, decoders, limits, () => calls.push('drain'));
    expect(counter.write(body)).toBe(false);
    counter.giveUp?.();
    expect(decoders.isDestroyed).toBe(true);
    expect(counter.write(body)).toBe(true);
    counter.end((result) => calls.push(result));
    counter.giveUp?.();
    expect(calls).toEqual(['drain', { posts: 0, uncounted: 'encoding' }]);
  });

  it('keeps what was counted before a cut, and calls back once', async () => {
    const decoders = new HandDecoders();
    const counting = count([], { coding: 'gzip', decoders, isCut: true });
    decoders.body.onData(body.subarray(0, ends[3]!));
    decoders.body.onEnd();
    expect(await counting).toEqual({ posts: 4 });
  });
});

const GZIP = { declaredCount: undefined, contentType: undefined, contentEncoding: 'gzip' };

/** A decoder under the control of the test. It accepts each chunk and requests none. */
class HandDecoders implements Decoders {
  body!: DecodedBody;
  written = 0;
  isDestroyed = false;

  open(_: unknown, body: DecodedBody): BodyDecoder {
    this.body = body;
    return {
      write: () => {
        this.written++;
        return false;
      },
      end: () => {},
      destroy: () => {
        this.isDestroyed = true;
      },
    };
  }
}

describe('a stream', () => {
  it('reports its posts and its first flaw while it runs, each once', () => {
    const routes = routesOf({ path: '/lines', format: 'ndjson', posts: [{ json: '$', kind: 'post' }] });
    const head = { declaredCount: undefined, contentType: undefined, contentEncoding: undefined };
    const decision = decide('GET', 200, head, matchRoute(routes, 'GET', '/lines'));
    const limits = { maxDecodedBytes: 1, wantsIds: false };
    const counter = createCounter(decision, new HandDecoders(), limits, () => {});
    const resultOf = (text: string) => {
      counter.write(Buffer.from(text));
      return counter.hasNews ? counter.take() : null;
    };
    expect(resultOf('{"id":')).toBeNull();
    expect(resultOf('1}\n{"id":2}\n[')).toEqual({ posts: 2 });
    expect(resultOf('}\n')).toEqual({ posts: 0, uncounted: 'shape' });
    expect(resultOf('{]\n{"id":3}\n')).toEqual({ posts: 1 });
    const results: unknown[] = [];
    counter.write(Buffer.from('{"id":4}\n{"id":5'));
    counter.abort((result) => results.push(result));
    expect(results).toEqual([{ posts: 1 }]);
  });
});
