/** The demo's platform: a small social network that serves pages of posts in the format of X's API v2. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const AUTHORS = ['ada', 'brahms', 'curie', 'dijkstra', 'emmy', 'faraday', 'grace', 'hopper'];
const SAYINGS = [
  'Nobody reads the terms of service. Somebody should meter them.',
  'Today I learned that a window of 24 hours is 1,440 minutes long, and that one may be too many.',
  'A reply to a reply to a reply: "[citation needed]", he said, and {left}.',
  'Photographs of the harbour at dawn, before the ferries. \u2693',
  'Is anyone else getting a lot of traffic from one address tonight?',
];

export const PAGE_SIZE = 100;
/** Upper bound of what the scraper may take. */
const POSTS = 3_000_000;

/** The path of the platform's webhook for alerts. */
export const ALERTS_PATH = '/alerts';

/** Listens on a free port of 127.0.0.1. @param onAlert receives the body of each alert. */
export async function startPlatform(
  onAlert: (body: string) => void,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://platform');
    if (url.pathname === ALERTS_PATH) {
      text(request).then(
        (alert) => {
          onAlert(alert);
          response.writeHead(204).end();
        },
        () => response.destroy(),
      );
      return;
    }
    if (url.pathname !== '/2/tweets/search/recent') {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"title":"Not Found"}');
      return;
    }
    const from = Number(url.searchParams.get('next_token') ?? 0);
    const body = page(Number.isSafeInteger(from) && from >= 0 ? from : 0);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function page(from: number): string {
  const to = Math.min(from + PAGE_SIZE, POSTS);
  const posts: string[] = [];
  for (let id = from; id < to; id++) posts.push(post(id));
  const next = to < POSTS ? `,"next_token":"${to}"` : '';
  return `{"data":[${posts.join(',')}],"meta":{"result_count":${to - from}${next}}}`;
}

function post(id: number): string {
  const text = JSON.stringify(SAYINGS[id % SAYINGS.length]);
  const author = AUTHORS[(id * 7) % AUTHORS.length];
  return `{"id":"${id + 1}","text":${text},"author":{"username":"${author}"},"public_metrics":{"like_count":${id % 97}}}`;
}
