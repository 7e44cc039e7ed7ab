import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawFrame } from '../node/coding/zstd-frames.ts';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

/** The default quality, 11, takes seconds for megabytes. */
const brotli = (body: Uint8Array) =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

const CODINGS = [
  { coding: 'identity', encode: (body: Buffer) => body },
  { coding: 'gzip', encode: (body: Buffer) => gzipSync(body) },
  { coding: 'deflate', encode: (body: Buffer) => deflateSync(body) },
  { coding: 'deflate', encode: (body: Buffer) => deflateRawSync(body) },
  { coding: 'br', encode: brotli },
  { coding: 'zstd', encode: (body: Buffer) => rawFrame(body) },
  { coding: 'gzip, gzip', encode: (body: Buffer) => gzipSync(gzipSync(body)) },
  { coding: 'br, gzip', encode: (body: Buffer) => gzipSync(brotli(body)) },
];
const FRAMINGS = ['length', 'chunked'] as const;
/** Bytes of the body before it is encoded. Its text does not compress well, so that encoded bodies are large, too. */
const SIZES = [100_000, 1_000_000, 10_000_000];

/** The origin's response to one request. */
interface Scripted {
  readonly headers: Record<string, string | number>;
  readonly chunks: Iterable<Buffer>;
}

const answers = new Map<string, Scripted>();
let answersMade = 0;

async function origin({ url }: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { headers, chunks } = answers.get(url!)!;
  outgoing.writeHead(200, headers);
  for (const chunk of chunks) if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  outgoing.end();
}

let rig: GatewayRig;
beforeAll(async () => {
  rig = await startGatewayRig(
    (incoming, outgoing) => void origin(incoming, outgoing).catch(() => outgoing.destroy()),
    {
      routes: [
        { path: '/lines/*', format: 'ndjson', posts: [{ json: '$' }] },
        { path: '/posts/*', posts: [{ json: '$.data[*]' }] },
      ],
    },
  );
});
afterAll(() => rig?.stop());

/** Requests one response through the Worker. Returns what the client received and what was metered. */
async function take(path: string, coding: string, framing: string, coded: Buffer, chunks?: Iterable<Buffer>) {
  const target = `/${path}/${answersMade++}`;
  const encoding = coding === 'identity' ? {} : { 'content-encoding': coding };
  const length = framing === 'length' ? { 'content-length': coded.length } : {};
  const headers = { 'content-type': 'application/json', ...encoding, ...length };
  answers.set(target, { headers, chunks: chunks ?? randomPieces(coded) });
  const { body, isWhole } = await rig.ask(target);
  answers.delete(target);
  const { usage } = await rig.held();
  const posts = usage.reduce((sum, row) => sum + row.posts, 0);
  const requests = usage.reduce((sum, row) => sum + row.requests, 0);
  const uncounted = usage.reduce((sum, row) => sum + row.uncounted, 0);
  return { isExact: body.equals(coded), isWhole, posts, requests, uncounted };
}

/** Yields pieces of 1 KB to 200 KB. */
function* randomPieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; ) {
    const bytes = Math.ceil(2 ** (10 + 7.6 * Math.random()));
    yield body.subarray(at, at + bytes);
    at += bytes;
  }
}

function pageOf(bytes: number): { page: Buffer; posts: number } {
  const each = 2_000;
  const posts = Math.ceil(bytes / each);
  const text = randomBytes(posts * (each / 2)).toString('base64');
  const list = Array.from({ length: posts }, (_, id) => ({
    id,
    text: text.slice(id * 1_300, (id + 1) * 1_300),
  }));
  return { page: Buffer.from(JSON.stringify({ data: list })), posts };
}

function paddedPage(megabytes: number): Buffer {
  return Buffer.concat([
    Buffer.from('{"data":[{"id":1},{"id":2}],"padding":"'),
    Buffer.alloc(megabytes * 1_000_000, 'x'),
    Buffer.from('"}'),
  ]);
}

describe.each(CODINGS)('a body in $coding at the edge', ({ coding, encode }) => {
  it.each(FRAMINGS)('is whole and counted from 100 KB to 10 MB (%s)', async (framing) => {
    for (const bytes of SIZES) {
      const { page, posts } = pageOf(bytes);
      expect(await take('posts', coding, framing, encode(page)), `${bytes} bytes`).toEqual({
        isExact: true,
        isWhole: true,
        posts,
        requests: 1,
        uncounted: 0,
      });
    }
  });
});

describe('a coded body at the edge', () => {
  it.each(['gzip', 'br'])('has every line counted if a stream arrives in bursts (%s)', async (coding) => {
    const lines = Buffer.from(`${JSON.stringify({ text: 'of the and to in'.repeat(20) })}\n`.repeat(8_000));
    const coded = coding === 'br' ? brotli(lines) : gzipSync(lines);
    expect(await take('lines', coding, 'chunked', coded)).toMatchObject({ isExact: true, posts: 8_000 });
  });

  it.each([40, 80])('is counted if a few bytes of brotli decode to %i MB', async (megabytes) => {
    const page = paddedPage(megabytes);
    const coded = brotli(page);
    expect(coded.length).toBeLessThan(1_000);
    for (const framing of FRAMINGS) {
      expect(await take('posts', 'br', framing, coded)).toMatchObject({
        isExact: true,
        isWhole: true,
        posts: 2,
      });
    }
  });

  it('is delivered uncounted if it decodes to more than the limit', async () => {
    const coded = gzipSync(paddedPage(150));
    expect(await take('posts', 'gzip', 'length', coded)).toMatchObject({ isExact: true, uncounted: 1 });
  });

  it.each(['gzip', 'br', 'deflate', 'gzip, gzip'])(
    'is counted if bytes follow its end (%s)',
    async (coding) => {
      const { page, posts } = pageOf(100_000);
      const { encode } = CODINGS.find((one) => one.coding === coding)!;
      const coded = Buffer.concat([encode(page), Buffer.alloc(2_000_000)]);
      expect(await take('posts', coding, 'length', coded)).toMatchObject({
        isExact: true,
        isWhole: true,
        posts,
      });
    },
  );
});
