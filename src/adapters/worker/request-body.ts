/** The body of a request on its way to the upstream: streamed, bounded, read where its posts are asked for in it. */

import type { ReadableStream, Request } from '@cloudflare/workers-types';
import { runtime } from './runtime.ts';

/** Reads a body on its way; it keeps no chunk and changes none. */
export interface BodyReader {
  write(chunk: Uint8Array): void;
  /** The body is whole. */
  end(): void;
}

export function declaredLength(request: Request): number | undefined {
  const field = request.headers.get('content-length');
  return field === null ? undefined : Number(field);
}

/**
 * Where the length is declared and nobody reads, the runtime carries it by itself: it holds the client to its word.
 * @param reader sees what passes, each chunk before the upstream does; null where nobody reads.
 * @returns what `fetch` is given.
 */
export function boundedBody(
  body: ReadableStream,
  length: number | undefined,
  maxBytes: number,
  reader: BodyReader | null,
  keepAlive: (promise: Promise<unknown>) => void,
): ReadableStream {
  if (length !== undefined && reader === null) return body;
  const { readable, writable } =
    length === undefined ? new runtime.IdentityTransformStream() : new runtime.FixedLengthStream(length);
  keepAlive(pass(body, writable.getWriter(), maxBytes, reader));
  return readable;
}

async function pass(
  body: ReadableStream,
  writer: ReturnType<InstanceType<typeof runtime.IdentityTransformStream>['writable']['getWriter']>,
  maxBytes: number,
  reader: BodyReader | null,
): Promise<void> {
  const source = body.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = (await source.read()) as { done: boolean; value: Uint8Array };
      if (done) break;
      bytes += value.length;
      if (bytes > maxBytes) {
        const code = 'POSTMETER_BODY_TOO_LARGE';
        throw Object.assign(new Error(`The body is over ${maxBytes} bytes.`), { code });
      }
      reader?.write(value);
      await writer.write(value);
    }
    reader?.end();
    await writer.close();
  } catch (error) {
    // Whoever reads the body is told by its end; nobody is left to tell where both are gone.
    await Promise.allSettled([writer.abort(error), source.cancel(error)]);
  }
}
