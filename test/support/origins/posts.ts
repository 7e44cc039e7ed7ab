/** An origin that serves pages of posts, plain or in gzip, at once or in two halves, and counts what it sends. */

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Origin } from './listening.ts';
import { pageOf, startScriptedOrigin } from './scripted.ts';

/** Identifies the client of a request and the request. The gateway forwards it like any header. */
export const TAKER = 'x-taker';
export const REQUEST = 'x-request';

export interface PostsOrigin extends Origin {
  /** Posts in responses, whole or not, by client. */
  readonly sent: ReadonlyMap<string, number>;
  /** Requests that have reached it. */
  readonly reached: ReadonlySet<string>;
}

/**
 * Answers `/posts?n=posts`, compressed with `gzip=1`, in two parts with a pause with `halves=ms`. @param delayMs
 * minimum duration of a request.
 */
export async function startPostsOrigin(delayMs = 0): Promise<PostsOrigin> {
  const sent = new Map<string, number>();
  const reached = new Set<string>();
  const origin = await startScriptedOrigin((url, response, request) => {
    const posts = Number(url.searchParams.get('n') ?? 0);
    const clientId = String(request.headers[TAKER]);
    if (posts > 0) reached.add(String(request.headers[REQUEST]));
    const answer = (): void => {
      sent.set(clientId, (sent.get(clientId) ?? 0) + posts);
      sendPage(response, posts, url.searchParams.has('gzip'), Number(url.searchParams.get('halves') ?? 0));
    };
    if (delayMs === 0) answer();
    else setTimeout(answer, delayMs);
  });
  return { ...origin, sent, reached };
}

function sendPage(response: ServerResponse, posts: number, isGzip: boolean, pauseMs: number): void {
  const body = bodyOf(posts, isGzip);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
  if (pauseMs === 0) return void response.end(body);
  const half = body.length >> 1;
  response.write(body.subarray(0, half));
  setTimeout(() => response.end(body.subarray(half)), pauseMs);
}

const bodies = new Map<string, Buffer>();

/** Each body is compressed once, because the origin shares its cores with everything else. */
function bodyOf(posts: number, isGzip: boolean): Buffer {
  const key = `${posts} ${isGzip}`;
  const known = bodies.get(key);
  if (known !== undefined) return known;
  const page = Buffer.from(pageOf(posts));
  const body = isGzip ? gzipSync(page) : page;
  bodies.set(key, body);
  return body;
}
