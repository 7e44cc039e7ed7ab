/** A hostile server of a directory costs bounded time and memory, and never yields a key. */

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { importSignatureKeys } from '../../../../src/adapters/crypto/signature-keys.ts';
import { nodeFetchPublic } from '../../../../src/adapters/node/outbound/fetch-public.ts';
import { STRANGER_LIMITS } from '../../../../src/identify/public-fetch.ts';
import { fetchShared } from '../../../../src/identify/signature/fetch-directory.ts';
import { DirectoryResolver } from '../../../../src/identify/signature/resolver.ts';
import { signerOf } from '../../../../src/identify/signature/signer.ts';
import { memoryDirectories } from '../../../identify/signature/memory-directories.ts';
import { testKey } from '../../../identify/signature/signing.ts';
import { type HttpsServer, startHttpsServer } from './https-server.ts';

const TYPE = 'application/http-message-signatures-directory+json';
const HOST = 'signer.example';
const { jwk, thumbprint } = await testKey();
const signer = signerOf(`https://${HOST}`)!;

let server: HttpsServer;
beforeAll(async () => {
  server = await startHttpsServer(HOST);
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.connections = 0;
});

interface Asked {
  readonly found: string;
  readonly failure: string | null | undefined;
  readonly ms: number;
  readonly beforeFetchMs: number;
}

/** Names the directory in a request, waits for its fetch, and looks for the key. */
async function ask(allowPrivate = true): Promise<Asked> {
  const { port, ca } = server;
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const fetchPublic = nodeFetchPublic({ allowPrivate, resolve, port, ca });
  const store = memoryDirectories();
  let task = async () => {};
  const { directories } = new DirectoryResolver({
    resolve: (one, knownMs) =>
      fetchShared(one, knownMs, {
        store,
        // The names of signers have no port.
        fetchDocument: (url) =>
          fetchPublic(url.replace(HOST, `${HOST}:${port}`), { ...STRANGER_LIMITS, timeoutMs: 500 }),
        nowMs: Date.now,
        onStoreError: (error) => {
          throw error;
        },
      }),
    importKeys: importSignatureKeys,
    defer: (later) => {
      task = later;
    },
    nowMs: Date.now,
    onDropped: () => {},
    onError: (error) => {
      throw error;
    },
  });
  const find = () => {
    const found = directories.find(signer, thumbprint, 'caller', Date.now());
    return found.kind === 'key' ? 'key' : found.reason;
  };
  const startMs = performance.now();
  find();
  const beforeFetchMs = performance.now() - startMs;
  await task();
  return {
    found: find(),
    failure: store.rows.get(signer.name)?.failure,
    ms: performance.now() - startMs,
    beforeFetchMs,
  };
}

describe('a directory', () => {
  it('is fetched once, with its keys', async () => {
    server.answer = (response) =>
      void response.writeHead(200, { 'content-type': TYPE }).end(JSON.stringify({ keys: [jwk] }));
    expect(await ask()).toMatchObject({ found: 'key', failure: null });
    expect(server.requests.map(({ url }) => url)).toEqual(['/.well-known/http-message-signatures-directory']);
  });

  it('in a private network is not fetched', async () => {
    expect(await ask(false)).toMatchObject({
      found: 'directory_failed',
      failure: expect.stringContaining('127.0.0.1'),
    });
    expect(server.connections).toBe(0);
  });
});

const body = (text: string | Buffer, headers: Record<string, string> = {}) => {
  server.answer = (response) => void response.writeHead(200, { 'content-type': TYPE, ...headers }).end(text);
};
const many = (count: number) => JSON.stringify({ keys: Array.from({ length: count }, () => ({ kty: 'x' })) });

describe('a hostile directory yields no key, within a second and one connection, if it', () => {
  test.each<[string, () => void, string]>([
    [
      'never ends',
      () => {
        server.answer = (response) => {
          response.writeHead(200, { 'content-type': TYPE });
          const write = () => {
            while (response.writable)
              if (!response.write(' '.repeat(10_000))) return void response.once('drain', write);
          };
          write();
        };
      },
      'the body exceeds 65536 bytes',
    ],
    [
      'is slow',
      () => {
        server.answer = (response) => {
          response.writeHead(200, { 'content-type': TYPE });
          const slow = setInterval(() => response.write(' '), 20);
          response.on('close', () => clearInterval(slow));
        };
      },
      'no complete response within 0.5 s',
    ],
    [
      'redirects',
      () => {
        server.answer = (response) =>
          void response.writeHead(302, { location: `https://${HOST}/other` }).end();
      },
      'the server responded with status 302; expected 200',
    ],
    [
      'is a gzip bomb',
      () => body(gzipSync(Buffer.alloc(10_000_000)), { 'content-encoding': 'gzip' }),
      'the body is encoded as gzip, which was not offered',
    ],
    ['has 10,000 keys', () => body(many(10_000)), 'the body exceeds 65536 bytes'],
    ['has 33 keys', () => body(many(33)), 'the directory is not usable: too_many_keys'],
    [
      'has another media type',
      () => body(JSON.stringify({ keys: [jwk] }), { 'content-type': 'text/html' }),
      'the directory is not usable: media_type',
    ],
    ['is not JSON', () => body('<html>'), 'the directory is not usable: not_json'],
    ['is nested deeply', () => body('['.repeat(60_000)), 'the directory is not usable: not_json'],
  ])('%s', async (_what, prepare, failure) => {
    prepare();
    const asked = await ask();
    expect(asked).toMatchObject({ found: 'directory_failed', failure });
    expect(asked.ms).toBeLessThan(3_000);
    expect(asked.beforeFetchMs).toBeLessThan(50);
    expect(server.connections).toBe(1);
  });
});
