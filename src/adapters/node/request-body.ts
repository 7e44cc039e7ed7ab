/** The body of a request on its way to the upstream: streamed, bounded, never kept whole. */

import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';

/** A request has a body where it has either of these (RFC 9112, section 6.3). */
export function hasBody(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Whether the declared length is over the bound already. */
export function isTooLarge(incoming: IncomingMessage, maxBytes: number): boolean {
  return Number(incoming.headers['content-length'] ?? 0) > maxBytes;
}

/** Reads a body on its way; it keeps no chunk and changes none. */
export interface BodyReader {
  write(chunk: Uint8Array): void;
  /** The body is whole. */
  end(): void;
}

/**
 * A stream of its own between the client and undici: undici destroys the body of a request that failed, and with
 * `incoming` the client's socket would go, and our answer with it.
 * @param reader sees what passes, each chunk before the upstream does; null where nobody reads.
 */
export function boundedBody(
  incoming: IncomingMessage,
  maxBytes: number,
  reader: BodyReader | null = null,
): Readable {
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        if (reader !== null) reader.write(chunk);
        done(null, chunk);
      } else
        done(
          Object.assign(new Error(`The body is over ${maxBytes} bytes.`), {
            code: 'POSTMETER_BODY_TOO_LARGE',
          }),
        );
    },
    ...(reader !== null && {
      flush(done) {
        reader.end();
        done();
      },
    }),
  });
  incoming.on('error', (error) => bounded.destroy(error));
  return incoming.pipe(bounded);
}

/** What a client may still send of a body that nobody wants, so that it comes to read its answer. */
const DISCARD_MS = 5_000;

/**
 * The answer is there before the body is: the rest is read and dropped, for a client that is still sending reads late,
 * and one whose bytes meet a closed socket never reads its answer (RFC 9112, section 9.6). One that goes on for
 * longer is cut off.
 * @param done called once when the body is over or the time is.
 */
export function discardRest(incoming: IncomingMessage, done: () => void = () => {}): void {
  if (incoming.complete || incoming.destroyed) {
    incoming.resume();
    done();
    return;
  }
  incoming.unpipe();
  incoming.resume();
  const cut = setTimeout(() => {
    done();
    incoming.socket.destroySoon();
  }, DISCARD_MS);
  incoming.once('close', () => clearTimeout(cut));
  incoming.once('end', done);
}
