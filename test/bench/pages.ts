/** Pages of posts like those of a platform's API: 20 posts in 12 KB and 100 posts in 58 KB, optionally compressed. */

import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';

export interface Page {
  readonly path: string;
  readonly posts: number;
  readonly label: string;
  /** The only coding that the client accepts. Absent: none. */
  readonly coding?: Coding;
}

export interface Coding {
  /** The name in Accept-Encoding and Content-Encoding. */
  readonly name: 'gzip' | 'br';
  compress(body: string): Uint8Array;
  decompress(body: Uint8Array): Uint8Array;
}

/** The levels at which servers compress dynamic answers. */
export const codings: readonly Coding[] = [
  { name: 'gzip', compress: (body) => gzipSync(body, { level: 6 }), decompress: (body) => gunzipSync(body) },
  {
    name: 'br',
    compress: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    decompress: (body) => brotliDecompressSync(body),
  },
];

export const pages: readonly Page[] = [
  { path: '/posts/20', posts: 20, label: '20 posts, 12 KB' },
  { path: '/posts/100', posts: 100, label: '100 posts, 58 KB' },
];

/** The same page with `X-Post-Count`. */
export function declaredPath(page: Page): string {
  return `/declared${page.path}`;
}

/** The body of a page, about 590 bytes per post, with escapes, nesting and text beyond ASCII like real data. */
export function pageBody(posts: number): string {
  return JSON.stringify({
    data: Array.from({ length: posts }, (_, index) => post(index)),
    meta: {
      result_count: posts,
      newest_id: id(0),
      oldest_id: id(posts - 1),
      next_token: 'b26v89c19zqg8o3fo',
    },
  });
}

const id = (index: number) => String(1_900_000_000_000_000_000n - BigInt(index) * 104_729n);

function post(index: number) {
  return {
    id: id(index),
    author_id: String(2_244_994_945 + index * 7919),
    created_at: new Date(Date.UTC(2026, 2, 1) - index * 61_000).toISOString(),
    lang: 'en',
    text: `"Quoted", a \\ and a line\nbreak: the ${index}th post about [brackets] {braces} and caf\u00e9s, as long as people write them.`,
    conversation_id: id(index),
    public_metrics: {
      retweet_count: index * 3,
      reply_count: index % 7,
      like_count: index * 41,
      quote_count: 2,
    },
    entities: {
      urls: [{ start: 12, end: 35, url: 'https://t.example/Zy9xWv', display_url: 'news.example/story' }],
      hashtags: [{ start: 40, end: 49, tag: 'metering' }],
    },
    edit_history_tweet_ids: [id(index)],
  };
}
