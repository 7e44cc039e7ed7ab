import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FzstdDecoder } from '../../../../src/adapters/node/coding/decode-zstd.ts';
import { nodeDecoders } from '../../../../src/adapters/node/coding/decoders.ts';
import { count, pageOf, piecesOf } from '../../../count/counting.ts';
import { rawFrame, skippableFrame, ZSTD_PAGE_OF_40 } from './zstd-frames.ts';

const page = pageOf(40);
const large = pageOf(20_000);

/** The default quality, 11, takes seconds for megabytes. */
const brotli = (body: Uint8Array) =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

const codings = [
  { name: 'gzip', coding: 'gzip', encode: gzipSync },
  { name: 'x-gzip', coding: 'x-gzip', encode: gzipSync },
  { name: "deflate in zlib's format", coding: 'deflate', encode: deflateSync },
  { name: 'bare deflate', coding: 'deflate', encode: deflateRawSync },
  { name: 'br', coding: 'br', encode: brotli },
  { name: 'zstd', coding: 'zstd', encode: (body: Uint8Array) => rawFrame(body) },
  {
    name: 'gzip, then br',
    coding: 'gzip, br',
    encode: (body: Uint8Array) => brotli(gzipSync(body)),
  },
  {
    name: 'deflate, then zstd, then gzip',
    coding: 'deflate, zstd, gzip',
    encode: (body: Uint8Array) => gzipSync(rawFrame(deflateSync(body))),
  },
];

describe.each(codings)('$name', ({ coding, encode }) => {
  const encoded = encode(page.body);

  it.each([1, 7, 1000, 1_000_000])('counts in pieces of %i bytes', async (bytes) => {
    expect(await count(piecesOf(encoded, bytes), { coding })).toEqual({ posts: 40 });
  });

  it('counts a body of many megabytes with back-pressure', async () => {
    expect(await count(piecesOf(encode(large.body), 65_536), { coding })).toEqual({ posts: 20_000 });
  });

  it('reports that the upstream ended in the middle of the body', async () => {
    const half = encoded.subarray(0, encoded.length >> 1);
    const result = await count(piecesOf(half, 50), { coding });
    expect(['truncated', 'not_json']).toContain(result.uncounted);
    expect(result.posts).toBe(0);
  });

  it('counts the complete posts if either side disconnects', async () => {
    const encodedLarge = encode(large.body);
    const half = encodedLarge.subarray(0, encodedLarge.length >> 1);
    const { posts, uncounted } = await count(piecesOf(half, 10_000), { coding, isCut: true });
    expect(uncounted).toBeUndefined();
    expect(posts).toBeGreaterThan(0);
    expect(posts).toBeLessThan(20_000);
  });

  it('stops at the limit on decoded bytes', async () => {
    expect(await count(piecesOf(encode(large.body), 65_536), { coding, maxDecodedBytes: 1_000_000 })).toEqual(
      {
        posts: 0,
        uncounted: 'too_large',
      },
    );
  });

  it('reports bytes that do not decode', async () => {
    const result = await count(piecesOf(Buffer.alloc(5000, 0xff), 1000), { coding });
    expect(result).toEqual({ posts: 0, uncounted: 'encoding' });
  });

  it.each([0, 0x41])('does not wait for megabytes of %i after the end of the coded data', async (byte) => {
    const tail = Buffer.concat([encoded, Buffer.alloc(2_000_000, byte)]);
    for (const bytes of [4096, 65_536, 2_000_000]) {
      const result = await count(piecesOf(tail, bytes), { coding });
      const isRead = { posts: 40 };
      const outcomes = coding === 'gzip' ? [isRead] : [isRead, { posts: 0, uncounted: 'encoding' }];
      expect(outcomes).toContainEqual(result);
    }
  });

  it('counts a body whose sender reuses the buffer of each chunk', async () => {
    const encodedLarge = encode(large.body);
    function* reused() {
      const buffer = new Uint8Array(65_536);
      for (const piece of piecesOf(encodedLarge, buffer.length)) {
        buffer.fill(0xee);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
      }
    }
    expect(await count(reused(), { coding })).toEqual({ posts: 20_000 });
  });

  it('does not report an empty body as a page', async () => {
    expect(await count([], { coding })).toEqual({ posts: 0, uncounted: 'not_json' });
  });
});

describe('gzip in practice', () => {
  it('reads several members as one body', async () => {
    const members = Buffer.concat([gzipSync(page.body.subarray(0, 99)), gzipSync(page.body.subarray(99))]);
    for (const bytes of [1, 40, 10_000]) {
      expect(await count(piecesOf(members, bytes), { coding: 'gzip' })).toEqual({ posts: 40 });
    }
  });

  const member = gzipSync(page.body);
  const named = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0]),
    Buffer.from('abcname\0comment\0crc'.slice(0, -1)),
    member.subarray(10),
  ]);

  it.each<[string, Uint8Array]>([
    ['zeros', Buffer.alloc(100_000)],
    ['text', Buffer.from('\n<!-- cached -->\n')],
    ['megabytes of text', Buffer.alloc(2_000_000, 'a')],
    ['the beginning of a member', member.subarray(0, 9)],
    ['bytes that begin like a member', Buffer.from([0x1f, 0x8b, 0xff, 0, 0, 0])],
    ['a member that does not decode', Buffer.concat([member.subarray(0, 10), Buffer.alloc(5000, 0xff)])],
  ])('counts a body with bytes after its end, as clients do: %s', async (_, behind) => {
    const tail = Buffer.concat([member, behind]);
    for (const bytes of [member.length - 4, member.length, 997, 1_000_000]) {
      expect(await count(piecesOf(tail, bytes), { coding: 'gzip' })).toEqual({ posts: 40 });
    }
    expect(await count([member, behind], { coding: 'gzip, gzip' })).toMatchObject({ posts: 0 });
    expect(await count([gzipSync(member), behind], { coding: 'gzip, gzip' })).toEqual({ posts: 40 });
  });

  it('reads members after zeros, and a header with all its fields', async () => {
    const cut = gzipSync(page.body.subarray(99));
    const members = Buffer.concat([
      gzipSync(page.body.subarray(0, 99)),
      Buffer.alloc(20),
      cut,
      Buffer.from('x'),
    ]);
    for (const bytes of [1, 13, 10_000]) {
      expect(await count(piecesOf(members, bytes), { coding: 'gzip' })).toEqual({ posts: 40 });
      expect(await count(piecesOf(named, bytes), { coding: 'gzip' })).toEqual({ posts: 40 });
    }
  });

  it('counts a body whose trailer is cut', async () => {
    for (const bytes of [1, 7, 8]) {
      expect(await count([member.subarray(0, -bytes)], { coding: 'gzip' })).toEqual({ posts: 40 });
    }
  });

  it('reports a body whose checksum is wrong', async () => {
    const broken = gzipSync(page.body);
    broken[broken.length - 6]! ^= 0xff;
    expect(await count([broken], { coding: 'gzip' })).toEqual({ posts: 0, uncounted: 'encoding' });
  });

  it('counts exactly the decoded posts at every cut', async () => {
    const encoded = gzipSync(page.body, { level: 0 });
    for (let at = 0; at <= encoded.length; at += 61) {
      const { posts } = await count([encoded.subarray(0, at)], { coding: 'gzip', isCut: true });
      // Stored blocks: ten bytes of header and five of block head come before the body.
      expect(posts).toBe(page.ends.filter((end) => end <= at - 15).length);
    }
  });
});

describe('zstd in practice', () => {
  it("reads the reference implementation's frames", async () => {
    for (const bytes of [1, 9, 1000]) {
      expect(await count(piecesOf(ZSTD_PAGE_OF_40, bytes), { coding: 'zstd' })).toEqual({ posts: 40 });
    }
  });

  it('reads several frames, including skippable ones', async () => {
    const frames = Buffer.concat([
      skippableFrame(30),
      rawFrame(page.body.subarray(0, 7)),
      rawFrame(page.body.subarray(7, 1000)),
      skippableFrame(30),
      rawFrame(page.body.subarray(1000)),
    ]);
    for (const bytes of [1, 9, 10_000]) {
      expect(await count(piecesOf(frames, bytes), { coding: 'zstd' })).toEqual({ posts: 40 });
    }
  });

  it('refuses a window beyond 8 MiB', async () => {
    expect(await count([rawFrame(page.body, 23)], { coding: 'zstd' })).toEqual({ posts: 40 });
    const wide = await count([rawFrame(page.body, 24)], { coding: 'zstd' });
    expect(wide).toEqual({ posts: 0, uncounted: 'encoding' });
    const vast = await count([rawFrame(page.body, 40)], { coding: 'zstd' });
    expect(vast).toEqual({ posts: 0, uncounted: 'encoding' });
  });

  it('decodes with fzstd what this version of Node may be able to decode itself', async () => {
    const decoded: Buffer[] = [];
    const decoder = new FzstdDecoder(65_536);
    decoder.on('data', (chunk: Buffer) => decoded.push(chunk));
    decoder.end(ZSTD_PAGE_OF_40);
    await new Promise((resolve) => decoder.once('end', resolve));
    expect(Buffer.concat(decoded).equals(page.body)).toBe(true);
  });
});

it('calls nothing after it is destroyed', async () => {
  const calls: string[] = [];
  const note = (name: string) => () => calls.push(name) < 0;
  const body = { onData: note('data'), onEnd: note('end'), onFault: note('fault'), onDrain: note('drain') };
  for (const { coding, encode } of codings.filter(({ coding }) => /^(gzip|br|deflate|zstd)$/.test(coding))) {
    const decoder = nodeDecoders.open([coding as 'gzip'], body);
    decoder.write(encode(large.body));
    decoder.destroy();
    calls.length = 0;
    decoder.write(page.body);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls).toEqual([]);
});
