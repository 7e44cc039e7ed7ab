/** Captured exchanges of real platforms with their true counts, and an origin that replays them byte for byte. */

import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { Origin } from '../support/origins/listening.ts';
import { startRawOrigin } from './raw-origin.ts';

export interface Capture {
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly requestHeaders: readonly string[];
  readonly requestBody: string;
  readonly status: number;
  /** `Name: value` lines of the response in received order. */
  readonly responseHeaders: readonly string[];
  readonly body: Buffer;
  /** Number of posts in it according to the platform's own database. */
  readonly posts: number;
}

interface Truth {
  readonly captures: Record<
    string,
    { file: string; posts: number; status?: number; raw_socket_stream?: boolean }
  >;
}

const folder = new URL('../../../shared/platforms/captures/', import.meta.url);

/** All exchanges of a platform. `streamOf` returns socket streams. */
export function capturesOf(platform: string): readonly Capture[] {
  const truth: Truth = JSON.parse(readFileSync(new URL(`${platform}/truth.json`, folder), 'utf8'));
  return Object.entries(truth.captures)
    .filter(([, { file }]) => !file.endsWith('.raw'))
    .map(([name, { file, posts }]) => ({ name, posts, ...exchangeOf(platform, name, file) }));
}

/** A socket's bytes as the upstream sent them. */
export function streamOf(platform: string, name: string): Buffer {
  return readFileSync(new URL(`${platform}/${name}.raw`, folder));
}

function exchangeOf(platform: string, name: string, file: string): Omit<Capture, 'name' | 'posts'> {
  const heads = readFileSync(new URL(`${platform}/${name}.headers`, folder), 'utf8').replaceAll('\r\n', '\n');
  const answerAt = heads.search(/^HTTP\/1\.1 \d/m);
  const [asked = '', ...bodyParts] = heads.slice(0, answerAt).split('\n\n');
  const [requestLine = '', ...requestHeaders] = asked.split('\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const [statusLine = '', ...responseHeaders] = heads.slice(answerAt).trim().split('\n');
  return {
    method,
    target,
    requestHeaders,
    requestBody: bodyParts.join('\n\n').trim(),
    status: Number(statusLine.split(' ')[1]),
    responseHeaders,
    body: readFileSync(new URL(`${platform}/${file}`, folder)),
  };
}

/** Names the capture that a request wants. */
const CAPTURE_HEADER = 'X-Capture';

/**
 * Responds to each request with the capture that it names, with its status and headers. Only the framing is new:
 * chunked or with a length as captured, so that every connection can be reused.
 */
export function startCaptureOrigin(captures: readonly Capture[]): Promise<Origin> {
  const byName = new Map(captures.map((capture) => [capture.name, capture]));
  const nameForm = new RegExp(`^${CAPTURE_HEADER}: (.*)$`, 'im');
  return startRawOrigin((head) => {
    const capture = byName.get(nameForm.exec(head)?.[1] ?? '');
    return capture === undefined ? undefined : responseOf(capture);
  });
}

/** The part of it that the client receives. */
export function deliveredBody({ method, status, body }: Capture): Buffer {
  return method === 'HEAD' || status === 304 ? Buffer.alloc(0) : body;
}

/** @param from fields that identify the sender. @returns the body as it arrived. */
export function fetchCapture(
  url: string,
  capture: Capture,
  from: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const headers: Record<string, string> = { ...from, [CAPTURE_HEADER]: capture.name };
  for (const line of capture.requestHeaders) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/);
    // A credential of the platform is not one of the gateway's, and the address identifies the capture.
    if (!/^(authorization|connection|content-length|x-forwarded-for)$/i.test(name)) headers[name] = value;
  }
  if (capture.requestBody !== '') headers['Content-Length'] = String(Buffer.byteLength(capture.requestBody));
  return new Promise((resolve, reject) => {
    const { method, target } = capture;
    const request = httpRequest(url, { method, path: target, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    request.on('error', reject);
    request.end(capture.requestBody);
  });
}

function responseOf({ status, method, responseHeaders, body }: Capture): Buffer {
  const isChunked = responseHeaders.some((line) => /^transfer-encoding:\s*chunked/i.test(line));
  const kept = responseHeaders.filter((line) => !/^(connection|keep-alive|content-length):/i.test(line));
  const hasBody = method !== 'HEAD' && status !== 304 && status !== 204;
  const lengthLine = isChunked || !hasBody ? [] : [`Content-Length: ${body.length}`];
  const head = Buffer.from(
    `${[`HTTP/1.1 ${status} OK`, ...kept, ...lengthLine].join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  if (!hasBody) return head;
  return Buffer.concat([head, isChunked ? chunked(body) : body]);
}

/** Uses chunks of an odd size, so that they end anywhere in the body. */
function chunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += 4093) {
    const piece = body.subarray(at, at + 4093);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
