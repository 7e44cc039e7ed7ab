/** The body of a request on its way to the upstream: streamed, bounded, never kept whole. */

import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import type { Refusal, RequestReader } from '../../../forward/shape/request-reader.ts';
import { tooSlow } from '../../../forward/shape/request-reader.ts';

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
 * A stream between the client and the upstream: a body that is not needed to its end is destroyed, and with `incoming`
 * the client's socket would be, and our answer with it.
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
 * The same for a body that `reader` reads first: what has come is held while the reader says so.
 * @param maxHoldMs longest time for which it is held.
 * @param onVerdict called once, when the body may be forwarded (null) or the request is refused. A refusal behind that
 *   ends the stream with the error `REQUEST_REFUSED`.
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  reader: RequestReader,
  maxHoldMs: number,
  onVerdict: (refusal: Refusal | null) => void,
): Readable {
  let held: Buffer[] | null = [];
  const late = setTimeout(() => decide(tooSlow(maxHoldMs)), maxHoldMs);
  const decide = (refusal: Refusal | null): void => {
    if (held === null) return;
    clearTimeout(late);
    const before = held;
    held = null;
    if (refusal === null) for (const chunk of before) body.push(chunk);
    onVerdict(refusal);
  };
  /** Returns what ends the stream. */
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
      clearTimeout(late);
      done(error);
    },
  });
  return piped(incoming, body);
}

function piped(incoming: IncomingMessage, body: Transform): Readable {
  // The upstream listens to the body only once it has a connection for it.
  body.on('error', () => {});
  incoming.on('error', (error) => body.destroy(error));
  return incoming.pipe(body);
}

function bodyTooLarge(): Error {
  return Object.assign(new Error('The body is over listen.maxRequestBodyBytes.'), {
    code: 'POSTMETER_BODY_TOO_LARGE',
  });
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
