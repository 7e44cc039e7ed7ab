/**
 * One response on its way to the client: chunks are handed over, counted once the socket has taken them, and the
 * newest is held back, so that a response that ends in the same turn leaves in one write, after its usage is written.
 */

import type { ServerResponse } from 'node:http';
import type { Counter, CountResult } from '../../count/counter.ts';

const NOTHING = Buffer.alloc(0);

export class Delivery {
  readonly #outgoing: ServerResponse;
  readonly #ready: () => void;
  #counter: Counter | null = null;
  /** The newest chunk; the client has not been given it yet. */
  #held: Buffer | null = null;
  /** Handed over, but still in a buffer of ours: if the client goes now, it never had them. */
  #untaken: Buffer[] = [];
  /** Bytes of the body that are still to be handed over; NaN where the length is unknown. */
  #remaining = Number.NaN;
  #bytes = 0;
  #clientWaits = false;
  #counterWaits = false;

  /** @param ready called when a pause that `offer` asked for is over. */
  constructor(outgoing: ServerResponse, ready: () => void) {
    this.#outgoing = outgoing;
    this.#ready = ready;
  }

  /** Body bytes handed over so far. */
  get bytes(): number {
    return this.#bytes;
  }

  begin(counter: Counter | null, contentLength: number | undefined): void {
    this.#counter = counter;
    this.#remaining = contentLength ?? Number.NaN;
  }

  /** Takes the next chunk. False: send no more until `ready`. */
  offer(chunk: Buffer): boolean {
    if (this.#held !== null) this.#handOver(this.#held);
    this.#held = chunk;
    return !this.#clientWaits && !this.#counterWaits;
  }

  /**
   * Nothing waits longer than a turn, the headers neither: a slow stream must not be a chunk late. Only the last
   * chunk of a body of known length stays until its usage is written, for it makes the response whole.
   */
  onTurnEnd(): void {
    if (this.#held === null) {
      if (this.#bytes === 0) this.#outgoing.flushHeaders();
    } else if (this.#held.length !== this.#remaining) {
      this.#handOver(this.#held);
      this.#held = null;
    }
  }

  /** The body is whole: all of it counts. `done` gets the result; the held chunk waits for `release`. */
  complete(done: (result: CountResult | null) => void): void {
    if (this.#held !== null) this.#account(this.#held);
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#count();
    this.#counter.end(done);
  }

  /** The upstream broke off: what it sent is the client's, and counts. */
  breakOff(done: (result: CountResult | null) => void): void {
    if (this.#held !== null) this.#account(this.#held);
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#count();
    this.#counter.abort(done);
  }

  /** The client went: what its socket had taken counts, and no more. */
  forsake(done: (result: CountResult | null) => void): void {
    this.#held = null;
    this.#untaken = [];
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#counter.abort(done);
  }

  /** Lets the held chunk go and ends the response. */
  release(trailers: readonly (readonly [string, string])[]): void {
    if (trailers.length > 0) this.#outgoing.addTrailers(trailers as [string, string][]);
    if (this.#held === null) this.#outgoing.end();
    else this.#outgoing.end(this.#held);
    this.#held = null;
  }

  /** Lets the held chunk go and cuts the connection, so that the client sees that the body is not whole. */
  cut(): void {
    // What was handed over before is counted, so it goes first too.
    this.#outgoing.write(this.#held ?? NOTHING, () => this.#outgoing.destroy());
    this.#held = null;
  }

  /** The counter can take more again. */
  readonly onCounterDrain = (): void => {
    this.#counterWaits = false;
    if (!this.#clientWaits) this.#ready();
  };

  readonly #onClientDrain = (): void => {
    this.#clientWaits = false;
    this.#count();
    if (!this.#counterWaits) this.#ready();
  };

  #handOver(chunk: Buffer): void {
    // Chunked and TLS writes are taken only after this turn: what went in an earlier one is counted here.
    if (this.#outgoing.writableLength === 0) this.#count();
    this.#account(chunk);
    const goesOn = this.#outgoing.write(chunk);
    if (this.#outgoing.writableLength === 0) this.#count();
    if (goesOn || this.#clientWaits) return;
    this.#clientWaits = true;
    this.#outgoing.once('drain', this.#onClientDrain);
  }

  #account(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#remaining -= chunk.length;
    if (this.#counter !== null) this.#untaken.push(chunk);
  }

  #count(): void {
    for (const chunk of this.#untaken) {
      if (!this.#counter!.write(chunk)) this.#counterWaits = true;
    }
    this.#untaken.length = 0;
  }
}
