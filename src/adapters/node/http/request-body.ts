/** The body of a request on its way to the upstream: streamed, bounded, never buffered completely. */

import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import type { RequestReader, RequestRefusal } from '../../../count/request-body/request-reader.ts';
import { tooSlow } from '../../../count/request-body/request-reader.ts';

/** A request has a body if it has either of these fields (RFC 9112, section 6.3). */
export function hasBody(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Whether the declared length exceeds the limit. */
export function isTooLarge(incoming: IncomingMessage, maxBytes: number): boolean {
  return Number(incoming.headers['content-length'] ?? 0) > maxBytes;
}

/**
 * A stream between the client and the upstream. A body that is not needed completely is destroyed; destroying `incoming`
 * itself would destroy the client's socket and lose the response.
 */
export function boundedBody(incoming: IncomingMessage, maxBytes: number): Readable {
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      maxBytes -= chunk.length;
      done(maxBytes < 0 ? bodyTooLarge() : null, chunk);
    },
  });
  return piped(incoming, bounded);
}

/**
 * Like `boundedBody`, for a body that `reader` reads first: chunks are held while the reader requires it.
 * @param maxHoldMs maximum time for which chunks are held, in ms.
 * @param onVerdict called once, when the body may be forwarded (null) or the request is refused. A later refusal ends
 *   the stream with the error `REQUEST_REFUSED`.
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  reader: RequestReader,
  maxHoldMs: number,
  onVerdict: (refusal: RequestRefusal | null) => void,
): Readable {
  let held: Buffer[] | null = [];
  const timer = setTimeout(() => decide(tooSlow(maxHoldMs)), maxHoldMs);
  const decide = (refusal: RequestRefusal | null): void => {
    if (held === null) return;
    clearTimeout(timer);
    const chunks = held;
    held = null;
    if (refusal === null) for (const chunk of chunks) body.push(chunk);
    onVerdict(refusal);
  };
  /** Returns the error that ends the stream; null to continue. */
  const judge = (): Error | null => {
    const { verdict } = reader;
    if (verdict === 'hold') return null;
    const isForwarded = held === null;
    decide(verdict === 'pass' ? null : verdict);
    return verdict !== 'pass' && isForwarded
      ? Object.assign(new Error(verdict.detail), { code: 'REQUEST_REFUSED' })
      : null;
  };
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      maxBytes -= chunk.length;
      if (maxBytes < 0) {
        done(bodyTooLarge());
        return;
      }
      reader.write(chunk);
      held?.push(chunk);
      const isHeld = held !== null;
      const refused = judge();
      if (isHeld || refused !== null) done(refused);
      else done(null, chunk);
    },
    flush(done) {
      reader.end();
      done(judge());
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
  return piped(incoming, body);
}

function piped(incoming: IncomingMessage, body: Transform): Readable {
  // The upstream client listens for errors only once it has a connection.
  body.on('error', () => {});
  incoming.on('error', (error) => body.destroy(error));
  return incoming.pipe(body);
}

function bodyTooLarge(): Error {
  return Object.assign(new Error('The body exceeds listen.maxRequestBodyBytes.'), {
    code: 'POSTMETER_BODY_TOO_LARGE',
  });
}

/** Time for a client to finish sending a body that is not needed, before it reads the response. */
const DISCARD_MS = 5_000;

/**
 * Reads and drops the rest of a body when the response is complete before it. A client that is still sending reads
 * late, and one that sends to a closed socket may never read the response (RFC 9112, section 9.6). The connection is
 * closed after `DISCARD_MS`.
 * @param done called once, when the body or the time is over.
 */
export function discardRest(incoming: IncomingMessage, done: () => void = () => {}): void {
  if (incoming.complete || incoming.destroyed) {
    incoming.resume();
    done();
    return;
  }
  incoming.unpipe();
  incoming.resume();
  const timer = setTimeout(() => {
    done();
    incoming.socket.destroySoon();
  }, DISCARD_MS);
  incoming.once('close', () => clearTimeout(timer));
  incoming.once('end', done);
}
