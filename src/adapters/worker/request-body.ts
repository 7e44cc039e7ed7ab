/** Forwards the body of a request within a limit, and reads it if it determines how the response is counted. */

import type { ReadableStream, Request } from '@cloudflare/workers-types';
import {
  type RequestReader,
  type RequestRefusal,
  tooSlow,
  type Verdict,
} from '../../count/request-body/request-reader.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { runtime } from './runtime.ts';

export function declaredLength(request: Request): number | undefined {
  const field = request.headers.get('content-length');
  return field === null ? undefined : Number(field);
}

/** False for the methods with which `fetch` sends no body (Fetch standard, section 5.3). */
export function mayHaveBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Returns null if the body is empty. Some clients declare an empty body with GET or HEAD. */
export async function refuseBody(body: ReadableStream, maxHoldMs: number): Promise<RequestRefusal | null> {
  const read = await hold(body.getReader() as BytesReader, new EmptyBody(), maxHoldMs);
  return 'refusal' in read ? read.refusal : null;
}

class EmptyBody implements RequestReader {
  verdict: Verdict = 'hold';

  write(chunk: Uint8Array): void {
    if (chunk.length > 0) this.verdict = NOT_CARRIED;
  }

  end(): void {
    if (this.verdict === 'hold') this.verdict = 'pass';
  }
}

const NOT_CARRIED: RequestRefusal = {
  status: 400,
  code: 'request_body_not_carried',
  detail:
    'This gateway does not forward the body of a GET or HEAD request. Use POST, or put it in the query.',
};

/** Returns the body for `fetch`. The runtime itself enforces a declared length. */
export function boundedBody(
  body: ReadableStream,
  length: number | undefined,
  maxBytes: number,
  keepAlive: (promise: Promise<unknown>) => void,
): ReadableStream {
  if (length !== undefined) return body;
  const { readable, writable } = new runtime.IdentityTransformStream();
  keepAlive(pump(body.getReader() as BytesReader, [], writable.getWriter(), maxBytes, null));
  return readable;
}

export type ReadBody = { readonly refusal: RequestRefusal } | { readonly body: ReadableStream };

/**
 * Reads the body until `reader` accepts or refuses the request. A later refusal aborts the body.
 * @param maxHoldMs longest time for which the body is held.
 */
export async function readBody(
  body: ReadableStream,
  length: number | undefined,
  maxBytes: number,
  reader: RequestReader,
  maxHoldMs: number,
  keepAlive: (promise: Promise<unknown>) => void,
): Promise<ReadBody> {
  const read = await hold(body.getReader() as BytesReader, reader, maxHoldMs);
  if ('refusal' in read) return read;
  const { readable, writable } =
    length === undefined ? new runtime.IdentityTransformStream() : new runtime.FixedLengthStream(length);
  keepAlive(pump(read.source, read.held, writable.getWriter(), maxBytes, reader));
  return { body: readable };
}

/** Reads until `reader` accepts or refuses the body. */
async function hold(
  source: BytesReader,
  reader: RequestReader,
  maxHoldMs: number,
): Promise<
  { readonly refusal: RequestRefusal } | { readonly source: BytesReader; readonly held: Uint8Array[] }
> {
  const timer = new DeadlineTimer();
  let isLate = false;
  timer.set(maxHoldMs, () => {
    isLate = true;
    source.cancel().catch(() => {});
  });
  const held: Uint8Array[] = [];
  try {
    while (reader.verdict === 'hold' && !isLate) {
      const { done, value } = await source.read();
      if (isLate) break;
      if (value !== undefined) {
        reader.write(value);
        held.push(value);
      }
      if (done) reader.end();
    }
  } catch {
    return { refusal: INCOMPLETE };
  } finally {
    timer.end();
  }
  const { verdict } = reader;
  if (verdict === 'pass') return { source, held };
  source.cancel().catch(() => {});
  return { refusal: verdict === 'hold' ? tooSlow(maxHoldMs) : verdict };
}

const INCOMPLETE: RequestRefusal = {
  status: 400,
  code: 'request_broke_off',
  detail: 'The request ended before its body was complete.',
};

type BytesReader = {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
  cancel(reason?: unknown): Promise<void>;
};

/** @param held chunks that were read before. `reader` has them already. */
async function pump(
  source: BytesReader,
  held: readonly Uint8Array[],
  writer: ReturnType<InstanceType<typeof runtime.IdentityTransformStream>['writable']['getWriter']>,
  maxBytes: number,
  reader: RequestReader | null,
): Promise<void> {
  let bytes = 0;
  try {
    for (const chunk of held) {
      bytes += chunk.length;
      await writer.write(chunk);
    }
    for (;;) {
      const { done, value } = await source.read();
      if (done || value === undefined) break;
      bytes += value.length;
      if (bytes > maxBytes) {
        const code = 'POSTMETER_BODY_TOO_LARGE';
        throw Object.assign(new Error(`The body is larger than ${maxBytes} bytes.`), { code });
      }
      reader?.write(value);
      throwRefusal(reader);
      await writer.write(value);
    }
    reader?.end();
    throwRefusal(reader);
    await writer.close();
  } catch (error) {
    // `fetch` fails with this error. If both sides are gone, nothing is left to report to.
    await Promise.allSettled([writer.abort(error), source.cancel(error)]);
  }
}

function throwRefusal(reader: RequestReader | null): void {
  if (reader !== null && typeof reader.verdict === 'object') throw new Error(reader.verdict.detail);
}
