import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ResponseBody } from '../../../../src/adapters/node/http/response-body.ts';
import type { Counter, CountResult } from '../../../../src/count/counter.ts';
import { arriving } from './arriving.ts';

/** Counts bytes instead of posts, so that each counted byte is visible. */
class ByteCounter implements Counter {
  posts = 0;
  readonly hasNews = false;
  hasRoom = true;

  write(chunk: Uint8Array): boolean {
    this.posts += chunk.length;
    return this.hasRoom;
  }

  take(): CountResult {
    return { posts: 0 };
  }

  end(done: (result: CountResult) => void): void {
    done({ posts: this.posts });
  }

  abort(done: (result: CountResult) => void): void {
    done({ posts: this.posts });
  }
}

interface Stage {
  readonly client: Socket;
  /** Returns everything that the client has read. */
  heard(): string;
  readonly outgoing: ServerResponse;
  readonly body: ResponseBody;
  readonly counter: ByteCounter;
  /** Number of pauses that have ended. */
  ready: number;
  /** Chunks whose memory may be reused. */
  readonly givenBack: string[];
}

const arrive = arriving();

/** Begins a response to a client that reads, or to one that does not if `reads` is false. */
async function begin({ length, reads = true }: { length?: number; reads?: boolean } = {}): Promise<Stage> {
  const { client, outgoing, heard } = await arrive('GET / HTTP/1.1\r\nHost: a\r\n\r\n', reads);
  const counter = new ByteCounter();
  const stage = { client, heard, outgoing, counter, ready: 0, givenBack: [] as string[] };
  const body = new ResponseBody(
    outgoing,
    () => {
      whole.ready++;
    },
    (chunk) => {
      stage.givenBack.push(chunk.toString());
      // The next read would overwrite the chunk like this.
      chunk.fill('!');
    },
  );
  const whole: Stage = Object.assign(stage, { body });
  body.begin(counter, length);
  outgoing.writeHead(200, length === undefined ? {} : { 'content-length': length });
  return whole;
}

const resultOf = (ask: (done: (result: CountResult | null) => void) => void): Promise<CountResult | null> =>
  new Promise((resolve) => ask(resolve));
const text = (value: string): Buffer => Buffer.from(value);

describe('before its release, a client has received', () => {
  it('nothing of a body that ends in the same turn', async () => {
    const { body, heard } = await begin({ length: 10 });
    body.write(text('12345'));
    body.write(text('67890'));
    expect(await resultOf((done) => body.finish('end', done))).toEqual({ posts: 10 });
    await sleep(30);
    expect(heard()).toBe('');
    expect(body.bytes).toBe(10);
    body.release([]);
    await expect.poll(heard).toMatch(/\r\n\r\n1234567890$/);
  });

  it('all but the last chunk of a body that ends in a later turn', async () => {
    const { body, heard } = await begin({ length: 10 });
    body.write(text('12345'));
    body.onTurnEnd();
    await expect.poll(heard).toMatch(/\r\n\r\n12345$/);
    body.write(text('678'));
    body.write(text('90'));
    body.onTurnEnd();
    await expect.poll(heard).toMatch(/\r\n\r\n12345678$/);
    await sleep(30);
    expect(heard()).toMatch(/\r\n\r\n12345678$/);
    expect(await resultOf((done) => body.finish('end', done))).toEqual({ posts: 10 });
    body.release([]);
    await expect.poll(heard).toMatch(/\r\n\r\n1234567890$/);
  });

  it('every chunk of a body of unknown length in its turn, but not the end', async () => {
    const { body, heard } = await begin();
    body.onTurnEnd();
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    body.write(text('event'));
    body.onTurnEnd();
    await expect.poll(heard).toMatch(/5\r\nevent\r\n$/);
    expect(await resultOf((done) => body.finish('end', done))).toEqual({ posts: 5 });
    body.release([['X-Sum', '1']]);
    await expect.poll(heard).toMatch(/5\r\nevent\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  it('what the upstream sent before it failed, followed by the end of the connection', async () => {
    const { body, heard, client } = await begin({ length: 20 });
    const closed = once(client, 'close');
    body.write(text('12345'));
    body.onTurnEnd();
    body.write(text('678'));
    expect(await resultOf((done) => body.finish('abort', done))).toEqual({ posts: 8 });
    body.destroy();
    await closed;
    expect(heard()).toMatch(/\r\n\r\n12345678$/);
  });
});

describe('a disconnecting client is charged', () => {
  it('for nothing that was only held back', async () => {
    const { body, client, outgoing } = await begin({ length: 100 });
    body.write(text('12345'));
    client.destroy();
    await once(outgoing, 'close');
    expect(await resultOf((done) => body.onClientClosed(done))).toEqual({ posts: 0 });
  });

  it.each([undefined, 1_000])('for what its socket accepted in earlier turns (length %s)', async (length) => {
    const { body, client, outgoing, heard } = await begin(length === undefined ? {} : { length });
    for (let i = 0; i < 10; i++) {
      body.write(text('abcde'));
      body.onTurnEnd();
      await turn();
    }
    await expect.poll(() => heard().split('abcde').length).toBe(11);
    body.write(text('held'));
    client.destroy();
    await once(outgoing, 'close');
    expect(await resultOf((done) => body.onClientClosed(done))).toEqual({ posts: 50 });
  });

  it('for nothing that is still in one of our buffers', async () => {
    const { body, client, outgoing } = await begin({ length: 1e9, reads: false });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    // The kernel accepts no more at some point. The rest models an upstream that has not yet seen the pause.
    for (let waits = 0; waits < 20; ) {
      body.write(chunk);
      body.onTurnEnd();
      await turn();
      if (outgoing.writableLength > 0) waits++;
    }
    const ours = outgoing.writableLength;
    expect(ours).toBeGreaterThan(0);
    client.destroy();
    await once(outgoing, 'close');
    const result = await resultOf((done) => body.onClientClosed(done));
    expect(result!.posts).toBeGreaterThan(0);
    expect(result!.posts).toBeLessThanOrEqual(body.bytes - ours + chunk.length);
    expect(result!.posts).toBeLessThan(body.bytes);
  });
});

describe('back-pressure', () => {
  it('of the client pauses the upstream until it reads again', async () => {
    const stage = await begin({ length: 1e9, reads: false });
    const { body, client } = stage;
    const chunk = Buffer.alloc(256 * 1024, 'x');
    let offered = 0;
    while (body.write(chunk)) {
      offered += chunk.length;
      body.onTurnEnd();
      await turn();
    }
    // The socket buffers of both ends are far smaller than the whole body.
    expect(offered).toBeLessThan(50_000_000);
    expect(stage.ready).toBe(0);
    client.resume();
    await expect.poll(() => stage.ready).toBe(1);
    expect(body.write(text('more'))).toBe(true);
    client.destroy();
  });

  it('of the counter pauses it too, and both must end', async () => {
    const stage = await begin({ length: 1e9 });
    const { body, counter, client } = stage;
    counter.hasRoom = false;
    body.write(text('12345'));
    body.onTurnEnd();
    await expect.poll(() => counter.posts).toBe(5);
    expect(body.write(text('6'))).toBe(false);
    counter.hasRoom = true;
    expect(stage.ready).toBe(0);
    body.onCounterDrain();
    expect(stage.ready).toBe(1);
    expect(body.write(text('7'))).toBe(true);
    client.destroy();
  });
});

describe('the memory of a chunk is returned', () => {
  it('after the socket has accepted it and it is counted', async () => {
    const { body, counter, givenBack, heard } = await begin({ length: 15 });
    body.write(text('12345'));
    body.onTurnEnd();
    expect(givenBack).toEqual([]);
    await expect.poll(() => givenBack).toEqual(['12345']);
    expect(counter.posts).toBe(5);
    body.write(text('67890'));
    body.write(text('abcde'));
    expect(await resultOf((done) => body.finish('end', done))).toEqual({ posts: 15 });
    expect(givenBack).toEqual(['12345']);
    body.release([]);
    expect(givenBack).toEqual(['12345', '67890', 'abcde']);
    await expect.poll(heard).toMatch(/\r\n\r\n1234567890abcde$/);
  });

  it('not while it waits for a client that does not read', async () => {
    const { body, outgoing, givenBack, client } = await begin({ length: 1e8, reads: false });
    let sent = '';
    const offer = async (): Promise<boolean> => {
      const chunk = String.fromCharCode(97 + (sent.length % 25)).repeat(65_537);
      sent += chunk;
      body.write(text(chunk));
      body.onTurnEnd();
      await turn();
      return outgoing.writableLength === 0;
    };
    while (await offer());
    const taken = givenBack.length;
    for (let more = 0; more < 5; more++) await offer();
    expect(givenBack.length).toBe(taken);
    let heard = '';
    client.on('data', (bytes) => {
      heard += bytes.toString();
    });
    await expect.poll(() => heard.endsWith(sent)).toBe(true);
    await expect.poll(() => givenBack.join('') === sent).toBe(true);
    client.destroy();
  });

  it('never for an aborted response', async () => {
    const { body, givenBack, client } = await begin({ length: 20 });
    const closed = once(client, 'close');
    body.write(text('12345'));
    body.finish('abort', () => body.destroy());
    await closed;
    expect(givenBack).toEqual([]);
  });
});

it('without a counter there is no result, but the bytes are still reported', async () => {
  const { body, heard } = await begin();
  body.begin(null, undefined);
  body.write(text('12345'));
  expect(await resultOf((done) => body.finish('end', done))).toBeNull();
  body.release([]);
  await expect.poll(heard).toContain('12345');
  expect(body.bytes).toBe(5);
});
