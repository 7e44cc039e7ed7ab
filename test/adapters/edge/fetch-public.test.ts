import { afterEach, describe, expect, test, vi } from 'vitest';
import { edgeFetchPublic } from '../../../src/adapters/edge/fetch-public.ts';

const LIMITS = { timeoutMs: 200, maxBytes: 1_000 };
const URL_TEXT = 'https://lists.example/bot.json';
const sent: RequestInit[] = [];
/** The runtime's `fetch` answers with this. A Worker has no other way out. */
const answerWith = (answer: (init: RequestInit) => Response | Promise<Response>) =>
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    sent.push(init);
    return answer(init);
  });
afterEach(() => {
  vi.unstubAllGlobals();
  sent.length = 0;
});

describe('a public fetch at the edge', () => {
  test('returns the document, and sends the ETag', async () => {
    const headers = { etag: '"b"', 'cache-control': 'max-age=60', 'content-type': 'application/json' };
    answerWith(() => new Response('{}', { headers }));
    expect(await edgeFetchPublic(URL_TEXT, LIMITS, '"a"')).toEqual({
      ...{ status: 200, body: new TextEncoder().encode('{}'), etag: '"b"' },
      ...{ cacheControl: 'max-age=60', contentType: 'application/json' },
    });
    expect(sent[0]).toMatchObject({ redirect: 'manual', headers: { 'if-none-match': '"a"' } });
  });

  test('accepts 304 only for an ETag', async () => {
    answerWith(() => new Response(null, { status: 304 }));
    expect(await edgeFetchPublic(URL_TEXT, LIMITS, '"a"')).toMatchObject({ status: 304 });
    await expect(edgeFetchPublic(URL_TEXT, LIMITS)).rejects.toMatchObject({ code: 'status_refused' });
  });

  test.each([
    ['a redirect', () => new Response(null, { status: 302 }), 'status_refused'],
    ['a long body', () => new Response('x'.repeat(1_001)), 'too_large'],
    ['a network failure', () => Promise.reject(new TypeError('no route')), 'unreachable'],
  ])('refuses %s', async (_what, answer, code) => {
    answerWith(answer);
    await expect(edgeFetchPublic(URL_TEXT, LIMITS)).rejects.toMatchObject({ code });
  });

  test('ends in time', async () => {
    answerWith(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    );
    await expect(edgeFetchPublic(URL_TEXT, LIMITS)).rejects.toMatchObject({ code: 'timeout' });
  });

  test.each([
    'http://lists.example/',
    'https://lists.example:8443/',
    'https://127.0.0.1/',
    'https://localhost/',
  ])('refuses %s without a request', async (url) => {
    answerWith(() => new Response('{}'));
    await expect(edgeFetchPublic(url, LIMITS)).rejects.toMatchObject({ code: 'url_refused' });
    expect(sent).toEqual([]);
  });
});
