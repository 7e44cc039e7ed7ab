import type { JWK } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { importSignatureKeys } from '../../../src/adapters/crypto/signature-keys.ts';
import type { FetchedDocument } from '../../../src/identify/signature/directory.ts';
import { fetchShared } from '../../../src/identify/signature/fetch-directory.ts';
import type { DirectoryStore } from '../../../src/identify/signature/port.ts';
import { DirectoryResolver } from '../../../src/identify/signature/resolver.ts';
import { signerOf } from '../../../src/identify/signature/signer.ts';
import { memoryDirectories } from './memory-directories.ts';
import { NOW_MS, testKey } from './signing.ts';

const TYPE = 'application/http-message-signatures-directory+json';
const { jwk, thumbprint } = await testKey();
const signer = signerOf('https://signer.example')!;

describe('a directory that a request names', () => {
  let nowMs: number;
  let fetched: string[];
  let documents: Record<string, () => FetchedDocument>;
  let store: ReturnType<typeof memoryDirectories>;
  const errors: unknown[] = [];

  const published =
    (body: unknown, cacheControl: string | null = null, contentType = TYPE) =>
    () => ({
      body: Buffer.from(JSON.stringify(body)),
      cacheControl,
      contentType,
    });

  async function fetchDocument(url: string): Promise<FetchedDocument> {
    fetched.push(url);
    const document = documents[url];
    if (document === undefined) throw new Error('the server responded with status 404; expected 200');
    return document();
  }

  /** A process: it defers its fetches until `run`. */
  function process(shared: DirectoryStore = store, isOffline = false) {
    const tasks: (() => Promise<void>)[] = [];
    const resolver = new DirectoryResolver({
      resolve: (one, knownMs) =>
        fetchShared(one, knownMs, {
          store: shared,
          fetchDocument: isOffline ? null : fetchDocument,
          nowMs: () => nowMs,
          onStoreError: (error) => errors.push(error),
        }),
      importKeys: importSignatureKeys,
      defer: (task) => tasks.push(task),
      nowMs: () => nowMs,
      onDropped: () => {},
      onError: (error) => errors.push(error),
    });
    const find = (one = signer) => {
      const found = resolver.directories.find(one, thumbprint, 'caller', nowMs);
      return found.kind === 'key' ? 'key' : found.reason;
    };
    const run = async () => {
      await Promise.all(tasks.splice(0).map((task) => task()));
    };
    return { resolver, find, run };
  }

  beforeEach(() => {
    nowMs = NOW_MS;
    fetched = [];
    errors.length = 0;
    store = memoryDirectories();
    documents = { [signer.url]: published({ keys: [jwk] }, 'max-age=600') };
  });

  it('is fetched after the request, once for all processes', async () => {
    const [first, second] = [process(), process()];
    expect([first.find(), second.find()]).toEqual(['directory_unknown', 'directory_unknown']);
    expect(fetched).toEqual([]);
    await Promise.all([first.run(), second.run()]);
    expect(fetched).toEqual([signer.url]);
    await second.resolver.learn(await store.triedSince(NOW_MS));
    expect([first.find(), second.find()]).toEqual(['key', 'key']);
  });

  it('keeps its keys if a refresh fails, and loses them if they are taken back', async () => {
    const { find, run } = process();
    find();
    await run();
    const good = documents[signer.url]!;
    delete documents[signer.url];
    nowMs += 9 * 60_000;
    expect(find()).toBe('key');
    await run();
    nowMs += 2 * 60_000;
    expect(find()).toBe('key');
    expect(store.rows.get(signer.name)).toMatchObject({
      failures: 1,
      failure: expect.stringContaining('404'),
    });
    documents[signer.url] = published({ keys: [] });
    await run();
    expect(find()).toBe('key_unknown');
    nowMs += 6 * 60_000;
    documents[signer.url] = good;
    find();
    await run();
    expect(find()).toBe('key');
  });

  it('that another process has refreshed is not fetched again', async () => {
    const [first, second] = [process(), process()];
    for (const one of [first, second]) {
      one.find();
      await one.run();
    }
    expect(fetched).toHaveLength(1);
    nowMs += 9 * 60_000;
    for (const one of [first, second, second]) {
      expect(one.find()).toBe('key');
      await one.run();
      nowMs += 11_000;
    }
    expect(fetched).toHaveLength(2);
  });

  it('that another process could not fetch is not fetched before its time', async () => {
    delete documents[signer.url];
    const first = process();
    first.find();
    await first.run();
    const second = process();
    second.find();
    await second.run();
    expect([fetched.length, second.find()]).toEqual([1, 'directory_failed']);
    nowMs += 60_000;
    second.find();
    await second.run();
    expect(store.rows.get(signer.name)).toMatchObject({ failures: 2 });
  });

  it('is fetched although the ledger is away', async () => {
    const away = () => Promise.reject(new Error('the ledger is away'));
    const { find, run } = process({ ...store, read: away, save: away });
    find();
    await run();
    expect(find()).toBe('key');
    expect(errors).toHaveLength(2);
  });

  it('is taken from the ledger alone by a process that must not fetch', async () => {
    const offline = process(store, true);
    offline.find();
    await offline.run();
    expect([offline.find(), fetched]).toEqual(['directory_unknown', []]);
    const online = process();
    online.find();
    await online.run();
    nowMs += 4_999;
    expect(offline.find()).toBe('directory_unknown');
    await offline.run();
    expect(offline.find()).toBe('directory_unknown');
    nowMs += 1;
    offline.find();
    await offline.run();
    expect(offline.find()).toBe('key');
  });

  it('may be named by a client document, in one step', async () => {
    const card = signerOf('https://signer.example/card', 'cimd')!;
    documents[card.url] = published({ jwks_uri: 'https://keys.example/set' }, null, 'application/json');
    documents['https://keys.example/set'] = published(
      { keys: [{ ...jwk, kid: 'a' } as JWK] },
      null,
      'application/json',
    );
    const { find, run } = process();
    find(card);
    await run();
    expect(find(card)).toBe('key');
    expect(store.rows.get(card.name)?.freshUntilMs).toBe(NOW_MS + 3_600_000);

    const chain = signerOf('https://signer.example/chain', 'cimd')!;
    documents[chain.url] = published({ jwks_uri: card.url }, null, 'application/json');
    find(chain);
    await run();
    expect(find(chain)).toBe('directory_failed');
  });
});
