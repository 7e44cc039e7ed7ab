/** An origin that responds in every way a platform may, and reports what it received. */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { startScriptedOrigin } from '../support/origins/scripted.ts';

export interface Origin {
  readonly url: string;
  /** Number of requests that reached it. */
  readonly received: ReceivedRequest[];
  /** Number of requests whose client disconnected before the response was complete. */
  aborted: number;
  stop(): Promise<void>;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

const BLOCK = Buffer.from(Uint8Array.from({ length: 4_096 }, (_, i) => (i * 31 + (i >>> 8) * 17) & 0xff));

/** Bytes without repeated neighbourhoods, so that a lost or swapped chunk is detected. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length, BLOCK);
  for (let at = 0; at + 4 <= length; at += BLOCK.length) bytes.writeUInt32BE(at, at);
  return bytes;
}

export function postsPage(count: number, from = 0): string {
  const posts = Array.from({ length: count }, (_, i) => ({
    id: String(from + i),
    text: `post "${from + i}", {ok}]`,
  }));
  return JSON.stringify({ data: posts, meta: { result_count: count } });
}

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL, origin: Origin) => void;

const ANSWERS: Record<string, Answer> = {
  /** Echoes the body as it arrives. */
  '/echo': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    request.pipe(response);
  },
  '/digest': (request, response) => {
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
    });
  },
  '/bytes': (_request, response, url) => {
    const body = patternBytes(Number(url.searchParams.get('n')));
    const chunk = Number(url.searchParams.get('chunk') ?? 0);
    if (chunk === 0) {
      response.writeHead(200, { 'content-length': body.length });
      response.end(body);
      return;
    }
    let at = 0;
    const more = (): void => {
      while (at < body.length) {
        const next = body.subarray(at, at + chunk);
        at += chunk;
        if (!response.write(next)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  },
  '/posts': (_request, response, url) => {
    const page = Buffer.from(
      postsPage(Number(url.searchParams.get('n')), Number(url.searchParams.get('from') ?? 0)),
    );
    const encoding = url.searchParams.get('encoding');
    const body =
      encoding === 'gzip'
        ? gzipSync(page)
        : encoding === 'br'
          ? brotliCompressSync(page)
          : encoding === 'deflate'
            ? deflateSync(page)
            : page;
    response.writeHead(Number(url.searchParams.get('status') ?? 200), {
      'content-type': 'application/json',
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
      'content-length': body.length,
    });
    response.end(body);
  },
  '/declared': (_request, response, url) => {
    response.writeHead(200, {
      'X-Post-Count': url.searchParams.get('n') ?? '',
      'content-type': 'text/plain',
    });
    response.end('posts as the platform counts them');
  },
  '/cookies': (_request, response) => {
    response.writeHead(200, [
      ['Set-Cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
      ['Set-Cookie', 'c=3'],
      ['X-Odd', 'caf\xe9'],
    ] as never);
    response.end('cookies');
  },
  '/trailers': (_request, response) => {
    response.writeHead(200, { Trailer: 'X-Checksum', 'content-type': 'text/plain' });
    response.write('part one, ');
    response.addTrailers({ 'X-Checksum': 'abc123' });
    response.end('part two');
  },
  '/status': (_request, response, url) => {
    response.writeHead(Number(url.searchParams.get('code')), { 'x-kept': 'yes' });
    response.end();
  },
  '/slow-stream': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
    // Never ends by itself. The test receives the first event long before.
  },
  '/hang': () => {},
  '/break': (_request, response) => {
    const page = postsPage(10);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length });
    response.write(page.slice(0, page.length - 40));
    setTimeout(() => response.destroy(), 50);
  },
  '/early': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('hinted');
  },
};

export async function startOrigin(): Promise<Origin> {
  const received: ReceivedRequest[] = [];
  const origin = await startScriptedOrigin((url, response, request) => {
    received.push({ method: request.method!, url: request.url!, rawHeaders: request.rawHeaders });
    response.on('close', () => {
      if (!response.writableFinished) record.aborted++;
    });
    const answer = ANSWERS[url.pathname];
    if (answer === undefined) response.writeHead(404).end('no such page');
    else answer(request, response, url, record);
  });
  const record: Origin = { url: origin.url, received, aborted: 0, stop: origin.stop };
  return record;
}
