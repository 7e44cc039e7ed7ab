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

/**
 * A stream of its own between the client and undici: undici destroys the body of a request that failed, and with
 * `incoming` the client's socket would go, and our answer with it.
 */
export function boundedBody(incoming: IncomingMessage, maxBytes: number): Readable {
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) done(null, chunk);
      else
        done(
          Object.assign(new Error(`The body is over ${maxBytes} bytes.`), {
            code: 'POSTMETER_BODY_TOO_LARGE',
          }),
        );
    },
  });
  incoming.on('error', (error) => bounded.destroy(error));
  return incoming.pipe(bounded);
}
