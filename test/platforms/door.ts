/** One way in which a platform returns all its posts, and the walk through it page by page. */

import { request as httpRequest } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface Walked {
  readonly requests: number;
  readonly bytes: number;
}

export interface Door {
  readonly name: string;
  /** Number of posts of the walk according to the platform. */
  readonly posts: number;
  /** Requests everything from an address of its own. */
  walk(address: string): Promise<Walked>;
}

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The encoded body as received. */
  readonly body: Buffer;
}

export function getPage(url: string, headers: Record<string, string> = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

export function textOf({ headers, body }: Page): string {
  switch (headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(body).toString();
    case 'br':
      return brotliDecompressSync(body).toString();
    default:
      return body.toString();
  }
}

/** Requests one path after another until `next` returns none. Four at a time would hide which page was wrong. */
export async function walkPages(
  base: string,
  first: string,
  headers: Record<string, string>,
  next: (page: Page, index: number) => string | undefined,
): Promise<Walked> {
  let [requests, bytes] = [0, 0];
  for (let path: string | undefined = first; path !== undefined; ) {
    const page = await getPage(`${base}${path}`, headers);
    if (page.status !== 200) throw new Error(`${path}: ${page.status}`);
    requests++;
    bytes += page.body.length;
    path = next(page, requests);
  }
  return { requests, bytes };
}
