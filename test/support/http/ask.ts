/** Sends one request as a client does, from another local address if the test sets one. */

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** False if the connection broke before the end of the body. */
  readonly whole: boolean;
}

export interface AskOptions extends RequestOptions {
  /** Pause after each chunk, like a client that reads slowly. Default 0. */
  readonly readPauseMs?: number;
}

/** Rejects if no response begins. Each request has its own connection unless `options.agent` is set. */
export function ask(
  base: string,
  path: string,
  { readPauseMs = 0, ...options }: AskOptions = {},
  body: string | Buffer = '',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    const request = httpRequest(base, { agent: false, ...options, path }, (response) => {
      hasBegun = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (readPauseMs === 0) return;
        response.pause();
        setTimeout(() => response.resume(), readPauseMs);
      });
      // 'close' follows, and `complete` tells how the response ended.
      response.on('error', () => {});
      response.on('close', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
          whole: response.complete,
        }),
      );
    });
    request.on('error', (error) => {
      if (!hasBegun) reject(error);
    });
    request.end(body);
  });
}

/** Remaining posts before the client's threshold according to the `RateLimit` header; NaN without one. */
export function remainingOf(reply: Reply): number {
  return Number(/;r=(\d+)/.exec(String(reply.headers.ratelimit))?.[1] ?? Number.NaN);
}
