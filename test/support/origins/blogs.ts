/**
 * A platform like a WordPress network: blogs on hosts of their own and one in a sub-folder, two of which are opted out. The
 * paths below /declared/ answer as the test specifies.
 */

import type { ServerResponse } from 'node:http';
import type { Origin } from './listening.ts';
import { startScriptedOrigin } from './scripted.ts';

/** A unique word in all posts of each blog. */
export const WORDS = { open: 'quartz', host: 'basalt', folder: 'gneiss' };

export const BLOGS_CONFIG = {
  identify: { credentials: [{ from: 'bearer' }] },
  routes: [
    { name: 'rest', path: '/**', contentType: 'application/json', posts: [{ json: '$.data[*]' }] },
    { name: 'pages', path: '/**', format: 'html', posts: [{ html: 'article' }] },
  ],
  rights: {
    subjects: [
      { path: '/author/*/**', kind: 'author', from: 'segment 2', scope: 'host' },
      { path: '/**', kind: 'post', from: 'query p', scope: 'host' },
    ],
  },
};

export const BLOGS_POLICY = {
  terms: { version: '2026-04-10', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform Inc.', email: 'licensing@platform.example' },
};

/** The blog on the host two.example and the one below one.example/three are opted out. */
export const BLOGS_SETTINGS = {
  source: 'test',
  reason: 'opt-outs',
  settings: [
    { kind: 'blog', name: 'two.example', state: 'no_training' },
    { kind: 'path', scope: 'one.example', name: '/Three/', state: 'no_partner_sharing' },
    { kind: 'author', scope: 'one.example', name: 'Ada', state: 'suspended' },
    { kind: 'post', scope: 'one.example', name: '66', state: 'legal' },
  ],
};

/** Host, path and word of each opted-out blog. */
export const OPTED_OUT = [
  ['two.example', '', WORDS.host],
  ['one.example', '/three', WORDS.folder],
] as const;

/** The doors of a blog, relative to its address. */
export const DOORS = [
  '/',
  '/?p=5',
  '/feed/',
  '/2026/03/hello/',
  '/wp-json/wp/v2/posts',
  '/?rest_route=/wp/v2/posts',
  '/index.php?rest_route=%2Fwp%2Fv2%2Fposts',
  '//feed',
  '/FEED/',
  '/favicon.ico?p=5',
  '/robots.txt?p=5',
];

export const PERSON = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'accept-language': 'en',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
};

/** Nothing proves this claim, so it gets only what both training and unknown callers may have. */
export const CLAIMED_BOT = {
  'user-agent': 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)',
};

export interface Blogs extends Origin {
  /** Host and target of each request so far. Tests may empty it. */
  readonly served: string[];
  /** Sets the answer to paths below /declared/. */
  declare(answer: (response: ServerResponse) => void): void;
}

export async function startBlogs(): Promise<Blogs> {
  const served: string[] = [];
  let declared = (response: ServerResponse): void => void response.writeHead(404).end();
  const origin = await startScriptedOrigin((url, response, request) => {
    // A Worker cannot set the Host field of its requests.
    const host = String(request.headers['x-forwarded-host'] ?? request.headers.host).toLowerCase();
    served.push(`${host}${request.url}`);
    const path = decodeURIComponent(url.pathname).toLowerCase().replace(/\/+/g, '/');
    if (path.startsWith('/declared/')) {
      declared(response);
      return;
    }
    const word = host.startsWith('two.') ? WORDS.host : path.startsWith('/three') ? WORDS.folder : WORDS.open;
    const isRest = path.includes('wp-json') || url.searchParams.has('rest_route');
    const body = isRest
      ? JSON.stringify({ data: [{ id: 1, text: word }] })
      : `<html><head><title>${word}</title></head><body><article id="post-1">${word}</article></body></html>`;
    const type = isRest ? 'application/json' : 'text/html';
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), etag: '"1"' };
    response.writeHead(200, headers).end(body);
  });
  return {
    ...origin,
    served,
    declare: (answer) => {
      declared = answer;
    },
  };
}

/** The beginning of a page with this content in its head. */
export function pageWith(head: string): string {
  return `<!doctype html><html><head>${head}</head><body><article id="post-1">slate</article>`;
}
