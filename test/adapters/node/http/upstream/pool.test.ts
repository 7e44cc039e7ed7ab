import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createConnector } from '../../../../../src/adapters/node/http/upstream/connector.ts';
import { UpstreamPool } from '../../../../../src/adapters/node/http/upstream/pool.ts';
import type { UpstreamRequest } from '../../../../../src/adapters/node/http/upstream/response-handler.ts';
import { GET, type Outcome, Recorder, startPlatform } from './platform.ts';

const platform = startPlatform();
const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** Sends one request and waits for its end. */
function ask(pool: UpstreamPool, request: Partial<UpstreamRequest> = {}): Promise<Outcome> {
  const recorder = new Recorder();
  pool.send({ ...GET, ...request }, recorder);
  return recorder.ended;
}

/** Answers each request with `text`. If `ends` is true, it ends the connection after the answer. */
function answer(text: string, ends = false): void {
  platform.onBytes = (socket) => {
    if (ends) socket.end(text, 'latin1');
    else socket.write(text, 'latin1');
  };
}

/** Returns true if a second request is sent on the connection of the first. */
async function isReused(pool: UpstreamPool, request: Partial<UpstreamRequest> = {}): Promise<boolean> {
  const before = platform.connections;
  const first = await ask(pool, request);
  expect(first.error).toBeNull();
  // Bytes after the answer are read in a separate turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  answer(HELLO);
  expect(await ask(pool)).toMatchObject({ status: 200, body: 'hello' });
  return platform.connections === before + 1;
}

describe('a connection is reused', () => {
  it.each([
    ['after a length', HELLO],
    ['after chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'],
    ['after hints', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${HELLO}`],
    ['after 304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    ['after 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
  ])('%s', async (_what, text) => {
    answer(text);
    expect(await isReused(platform.pool())).toBe(true);
  });

  it('after HEAD, whose length is that of GET', async () => {
    answer('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    expect(await isReused(platform.pool(), { method: 'HEAD' })).toBe(true);
  });
});

describe('a connection is not reused', () => {
  it.each([
    ['that the platform closes', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
    [
      'that the platform keeps for 2 s',
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n',
    ],
    ['with bytes after the answer', `${HELLO}${HELLO}`],
    ['with bytes after 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ])('%s', async (_what, text) => {
    answer(text);
    expect(await isReused(platform.pool())).toBe(false);
  });

  it('if bytes arrive while it is idle', async () => {
    let peer!: Socket;
    platform.onBytes = (socket) => {
      peer = socket;
      socket.write(HELLO);
    };
    const pool = platform.pool();
    await ask(pool);
    const closed = once(peer, 'close');
    peer.write(HELLO);
    await closed;
    expect((await ask(pool)).body).toBe('hello');
  });

  it('before the whole request has been sent', async () => {
    answer(HELLO);
    const body = new PassThrough();
    body.write('begin');
    expect(await isReused(platform.pool(), { method: 'POST', body })).toBe(false);
    expect(body.destroyed).toBe(true);
  });
});

describe('an answer', () => {
  it('is delivered with its head, body and trailers for every cut', async () => {
    const text =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine\r\nX: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n';
    const pool = platform.pool();
    for (const piece of [1, 7, 64, text.length]) {
      platform.onBytes = async (socket) => {
        for (let at = 0; at < text.length; at += piece) {
          socket.write(text.slice(at, at + piece), 'latin1');
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      expect(await ask(pool)).toMatchObject({
        informational: [100],
        status: 200,
        reason: 'Fine',
        headers: ['X', 'a b', 'Transfer-Encoding', 'chunked'],
        body: 'hello world',
        trailers: ['X-Sum', '1'],
      });
    }
  });

  it('without a length ends with the connection', async () => {
    answer('HTTP/1.1 200 OK\r\n\r\nall of it', true);
    expect(await ask(platform.pool())).toMatchObject({ body: 'all of it', trailers: [] });
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', /"gzip, chunked" is not supported/],
    ['HTTP/1.1 099 Low\r\n\r\n', /is not the status line/],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', /although no upgrade was requested/],
    ['SSH-2.0-OpenSSH_9.2\r\n', /does not speak HTTP\/1/],
    ['HTTP/1.1 200 OK\nX: y\n', /does not end in CRLF/],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, /longer than 65536 bytes/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /size of a chunk/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n:\r\n\r\n', /not a header field/],
  ])('%.60j is a bad answer, and its error gives the reason', async (text, why) => {
    answer(text);
    const { error } = await ask(platform.pool());
    expect(error).toMatchObject({ code: 'POSTMETER_BAD_ANSWER', message: expect.stringMatching(why) });
  });

  it.each([
    ['nothing', ''],
    ['a cut head', 'HTTP/1.1 200'],
    ['a cut body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'],
    ['cut chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'],
  ])('with %s is broken', async (_what, text) => {
    answer(text, true);
    expect((await ask(platform.pool())).error?.code).toBe('POSTMETER_BROKE_OFF');
  });

  it('ends only its own request if its handler throws', async () => {
    answer(HELLO);
    const recorder = new Recorder();
    recorder.onHeaders = () => {
      throw new RangeError('cannot be written');
    };
    const pool = platform.pool();
    pool.send(GET, recorder);
    expect((await recorder.ended).error).toBeInstanceOf(RangeError);
    expect(await ask(pool)).toMatchObject({ status: 200 });
  });

  it('respects a pause, and survives that the platform closes', async () => {
    const mebibyte = 'x'.repeat(1_048_576);
    platform.onBytes = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      for (let i = 0; i < 16; i++) socket.write(mebibyte);
      socket.end();
    };
    const recorder = new Recorder();
    recorder.pauses = true;
    const handle = platform.pool().send(GET, recorder);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(recorder.body.length).toBeLessThan(200_000);
    recorder.pauses = false;
    handle.resume();
    expect((await recorder.ended).body).toHaveLength(16 * 1_048_576);
  });
});

describe('a request body', () => {
  /** Answers with the bytes after the head, once `isWhole` returns true for them. */
  function echo(isWhole: (body: string) => boolean): void {
    const heard = new Map<Socket, string>();
    platform.onBytes = (socket, text) => {
      const all = (heard.get(socket) ?? '') + text;
      heard.set(socket, all);
      const body = all.slice(all.indexOf('\r\n\r\n') + 4);
      if (isWhole(body)) socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    };
  }

  it('of known length is sent unchanged', async () => {
    echo((body) => body.length === 10);
    const headers = ['Host', 'a', 'Content-Length', '10'];
    const body = Readable.from([Buffer.from('hello'), Buffer.from('world')]);
    expect((await ask(platform.pool(), { method: 'POST', headers, body })).body).toBe('helloworld');
  });

  it('of unknown length is sent in chunks', async () => {
    echo((body) => body.endsWith('0\r\n\r\n'));
    const body = Readable.from([Buffer.from('hello'), Buffer.from(''), Buffer.from('x'.repeat(17))]);
    expect((await ask(platform.pool(), { method: 'POST', body })).body).toBe(
      `5\r\nhello\r\n11\r\n${'x'.repeat(17)}\r\n0\r\n\r\n`,
    );
  });

  it.each(['longer', 'shorter'])('%s than declared is not completed', async (which) => {
    platform.onBytes = () => {};
    const headers = ['Host', 'a', 'Content-Length', which === 'longer' ? '2' : '9'];
    const body = Readable.from([Buffer.from('hello')]);
    const { error } = await ask(platform.pool(), { method: 'POST', headers, body });
    expect(error?.code).toBe('POSTMETER_REQUEST_BROKE_OFF');
  });

  it('is read no faster than the platform accepts it', async () => {
    platform.onBytes = (socket) => socket.pause();
    let read = 0;
    const body = new Readable({
      read() {
        read += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    const recorder = new Recorder();
    const handle = platform.pool().send({ ...GET, method: 'POST', body }, recorder);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(read).toBeLessThan(32 * 1_048_576);
    handle.abort(new Error('enough'));
    expect((await recorder.ended).error?.message).toBe('enough');
    expect(body.destroyed).toBe(true);
  });

  it('ends its request if it fails during the request, or during the wait for a connection', async () => {
    platform.onBytes = () => {};
    const pool = platform.pool({ connections: 1 });
    for (const _turn of ['sent', 'queued']) {
      const body = new PassThrough();
      const recorder = new Recorder();
      pool.send({ ...GET, method: 'POST', body }, recorder);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const busy = new Recorder();
      if (_turn === 'sent') pool.send(GET, busy);
      body.destroy(new Error('aborted'));
      expect((await recorder.ended).error).toMatchObject({
        code: 'POSTMETER_REQUEST_BROKE_OFF',
        message: 'aborted',
      });
    }
  });
});

describe('the memory of a body', () => {
  class Keeper extends Recorder {
    readonly chunks: Buffer[] = [];

    override onData(chunk: Buffer): boolean {
      this.chunks.push(chunk);
      return super.onData(chunk);
    }
  }

  /** Each answer consists of its own letter. */
  async function keep(pool: UpstreamPool, letters: string, framing: (body: string) => string) {
    const keepers: Keeper[] = [];
    for (const letter of letters) {
      answer(`HTTP/1.1 200 OK\r\n${framing(letter.repeat(50_000))}`);
      const keeper = new Keeper();
      pool.send(GET, keeper);
      await keeper.ended;
      keepers.push(keeper);
    }
    return keepers;
  }

  it.each([
    ['of known length', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    [
      'in chunks',
      (body: string) =>
        `Transfer-Encoding: chunked\r\n\r\n${`2710\r\n${body.slice(0, 10_000)}\r\n`.repeat(5)}0\r\n\r\n`,
    ],
  ])('%s is overwritten only after it is returned', async (_what, framing) => {
    const pool = platform.pool({ connections: 1 });
    const kept = await keep(pool, 'abcde', framing);
    for (const [at, { chunks }] of kept.entries()) {
      expect(Buffer.concat(chunks).equals(Buffer.alloc(50_000, 'abcde'[at]!))).toBe(true);
    }
    const before = new Set(kept.flatMap(({ chunks }) => chunks.map(({ buffer }) => buffer)));
    for (const { chunks } of kept) for (const chunk of chunks) pool.giveBack(chunk);
    const after = (await keep(pool, 'fghij', framing)).flatMap(({ chunks }) => chunks);
    expect(after.some(({ buffer }) => before.has(buffer))).toBe(true);
    expect(Buffer.concat(after).toString()).toBe(
      [...'fghij'].map((letter) => letter.repeat(50_000)).join(''),
    );
    await pool.close();
  });
});

describe('the queue', () => {
  it('is served in order as connections become free, and loses clients that disconnect', async () => {
    const paths: string[] = [];
    platform.onBytes = (socket, text) => {
      paths.push(text.split(' ')[1]!);
      setTimeout(() => socket.write(HELLO), 20);
    };
    const pool = platform.pool({ connections: 1 });
    const recorders = ['/0', '/1', '/2', '/3'].map((path) => {
      const recorder = new Recorder();
      return { recorder, handle: pool.send({ ...GET, path }, recorder) };
    });
    recorders[1]!.handle.abort(new Error('gone'));
    expect(await recorders[1]!.recorder.ended).toMatchObject({
      connected: false,
      error: { message: 'gone' },
    });
    for (const at of [0, 2, 3]) expect((await recorders[at]!.recorder.ended).body).toBe('hello');
    expect(paths).toEqual(['/0', '/2', '/3']);
  });

  it('advances when connections fail', async () => {
    answer('', true);
    const pool = platform.pool({ connections: 2 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask(pool)));
    expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(20).fill('POSTMETER_BROKE_OFF'));
  });

  it('has room after an abort, which closes the connection', async () => {
    platform.onBytes = () => {};
    const pool = platform.pool({ connections: 1 });
    const [first, second] = [new Recorder(), new Recorder()];
    const handle = pool.send(GET, first);
    pool.send(GET, second);
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer(HELLO);
    handle.abort(new Error('gone'));
    expect((await first.ended).error?.message).toBe('gone');
    expect((await second.ended).body).toBe('hello');
  });
});

describe('time-outs', () => {
  it.each([
    ['no answer', '', /No response within 1 ms/],
    [
      'half a body',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
      /No more bytes of the response body/,
    ],
  ])('%s', async (_what, text, why) => {
    answer(text);
    const { error } = await ask(platform.pool({ headersTimeoutMs: 1, bodyTimeoutMs: 1 }));
    expect(error).toMatchObject({ code: 'POSTMETER_TIMEOUT', message: expect.stringMatching(why) });
  });

  it('allows a paused answer or a slow request body to take its time', async () => {
    platform.onBytes = (socket, text) => {
      if (text.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    };
    const pool = platform.pool({ headersTimeoutMs: 1, bodyTimeoutMs: 1 });
    const [paused, slow] = [new Recorder(), new Recorder()];
    paused.pauses = true;
    const handles = [pool.send(GET, paused)];
    handles.push(pool.send({ ...GET, method: 'POST', body: new PassThrough() }, slow));
    let ended = 0;
    for (const { ended: end } of [paused, slow]) void end.then(() => ended++);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(ended).toBe(0);
    for (const handle of handles) handle.abort(new Error('done'));
  });

  it('leaves no timer after an idle connection is closed', async () => {
    let closed!: Promise<unknown>;
    platform.onBytes = (socket) => {
      closed = once(socket, 'close');
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 0\r\n\r\n');
    };
    await ask(platform.pool());
    await closed;
  });
});

describe('requests that cannot be sent', () => {
  it.each([
    ['a field with a line end', { headers: ['X', 'a\r\nY: b'] }],
    ['a path with a space', { path: '/a b' }],
    ['a length without a body', { headers: ['Content-Length', '5'] }],
    ['two lengths', { headers: ['Content-Length', '0', 'Content-Length', '0'] }],
  ])('%s', async (_what, request) => {
    expect((await ask(platform.pool(), request)).error?.code).toBe('POSTMETER_NOT_FORWARDABLE');
  });

  it('fails if the platform does not listen, and has a cause', async () => {
    const limits = { connections: 1, connectTimeoutMs: 1_000, headersTimeoutMs: 1_000, bodyTimeoutMs: 1_000 };
    const pool = new UpstreamPool(createConnector({ url: 'http://127.0.0.1:1' }), limits);
    const { error } = await ask(pool);
    expect(error).toMatchObject({ code: 'POSTMETER_UNREACHABLE', cause: { code: 'ECONNREFUSED' } });
    expect(error?.message).toMatch(/ECONNREFUSED 127\.0\.0\.1:1/);
  });

  it('fails after the pool closes, while current requests finish', async () => {
    platform.onBytes = (socket) => void setTimeout(() => socket.write(HELLO), 50);
    const pool = platform.pool({ connections: 1 });
    const [first, queued] = [ask(pool), ask(pool)];
    const closing = pool.close();
    expect((await ask(pool)).error?.code).toBe('POSTMETER_CLOSING');
    expect([(await first).body, (await queued).body]).toEqual(['hello', 'hello']);
    await closing;
  });
});

describe('an upgrade', () => {
  const upgrade = (pool: UpstreamPool): Recorder => {
    const recorder = new Recorder();
    pool.upgrade(GET, 'x', recorder);
    return recorder;
  };

  it('hands the connection over with the bytes after the answer', async () => {
    const heard: string[] = [];
    platform.onBytes = (socket, text) => {
      heard.push(text);
      if (heard.length === 1) socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nearly');
    };
    const { headers, socket, head } = await upgrade(platform.pool({ connections: 1 })).switched;
    expect(heard[0]).toContain('Connection: Upgrade\r\nUpgrade: x\r\n');
    expect([headers, head.toString()]).toEqual([['Upgrade', 'x'], 'early']);
    expect([socket.isPaused(), socket.listenerCount('data'), socket.listenerCount('drain')]).toEqual([
      true,
      0,
      0,
    ]);
    socket.write('late');
    await expect.poll(() => heard.at(-1)).toBe('late');
    socket.destroy();
  });

  it('is an ordinary answer if it is refused, and its connection is closed', async () => {
    let closed!: Promise<unknown>;
    platform.onBytes = (socket) => {
      closed = once(socket, 'close');
      socket.write(HELLO);
    };
    expect(await upgrade(platform.pool()).ended).toMatchObject({ status: 200, body: 'hello' });
    await closed;
  });

  it('takes no connection from the pool', async () => {
    platform.onBytes = () => {};
    const pool = platform.pool({ connections: 1 });
    for (let i = 0; i < 3; i++) upgrade(pool);
    answer(HELLO);
    expect((await ask(pool)).body).toBe('hello');
  });
});
