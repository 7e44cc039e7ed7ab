/**
 * One response on its way to the client: chunks are held to the end of the turn, handed over together, and counted
 * once the socket has taken them. A response that ends in the turn in which it began leaves in one write, head and
 * all, after its usage is written.
 */

import type { ServerResponse } from 'node:http';
import type { Counter, CountResult } from '../../../count/counter.ts';

const NOTHING = Buffer.alloc(0);
/**
 * So much is not held, even within a turn: a full read of the socket to the upstream. Twice as much cost a client that
 * reads slowly 310 KB in place of 190.
 */
const MAX_HELD_BYTES = 64 * 1024;

export class ResponseBody {
  readonly #outgoing: ServerResponse;
  readonly #ready: () => void;
  readonly #giveBack: (chunk: Buffer) => void;
  #onCounted: (() => void) | null = null;
  #counter: Counter | null = null;
  /** What came in this turn; the client has not been given it yet. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Handed over, but still in a buffer of ours, by turn: if the client goes now, it never had them. */
  #untaken: Buffer[][] = [];
  /** Bytes of the body that are still to be handed over; NaN where the length is unknown. */
  #remaining = Number.NaN;
  #bytes = 0;
  #clientWaits = false;
  #counterWaits = false;

  /**
   * @param ready called when a pause that `offer` asked for is over.
   * @param giveBack called with each chunk that was counted and taken by the socket. A chunk of a response that broke off
   * never is.
   */
  constructor(outgoing: ServerResponse, ready: () => void, giveBack: (chunk: Buffer) => void) {
    this.#outgoing = outgoing;
    this.#ready = ready;
    this.#giveBack = giveBack;
  }

  /** Body bytes handed over so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param onCounted called whenever what the client's socket took has been counted; null where nobody asks. */
  begin(
    counter: Counter | null,
    contentLength: number | undefined,
    onCounted: (() => void) | null = null,
  ): void {
    this.#counter = counter;
    this.#onCounted = onCounted;
    this.#remaining = contentLength ?? Number.NaN;
  }

  /** Takes the next chunk. False: send no more until `ready`. */
  offer(chunk: Buffer): boolean {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#handOverHeld();
    return !this.#clientWaits && !this.#counterWaits;
  }

  /**
   * Nothing waits longer than a turn, the headers neither: a slow stream must not be a chunk late. Only the last
   * chunk of a body of known length stays until its usage is written, for it makes the response whole.
   */
  onTurnEnd(): void {
    if (this.#heldBytes > 0) this.#handOverHeld();
    else if (this.#bytes === 0) this.#outgoing.flushHeaders();
  }

  /** The body is whole: all of it counts. `done` gets the result; the held chunk waits for `release`. */
  complete(done: (result: CountResult | null) => void): void {
    for (const chunk of this.#held) this.#account(chunk);
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#countAll();
    this.#counter.end(done);
  }

  /** The upstream broke off: what it sent is the client's, and counts. */
  breakOff(done: (result: CountResult | null) => void): void {
    for (const chunk of this.#held) this.#account(chunk);
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#countAll();
    this.#counter.abort(done);
  }

  /** The client went: what its socket had taken counts, and no more. */
  forsake(done: (result: CountResult | null) => void): void {
    this.#held = [];
    this.#untaken = [];
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#counter.abort(done);
  }

  /** Lets go what is held and ends the response. */
  release(trailers: readonly (readonly [string, string])[]): void {
    const held = this.#held;
    this.#held = [];
    const last = held.at(-1);
    for (let at = 0; at < held.length - 1; at++) this.#outgoing.write(held[at]!);
    if (trailers.length > 0) this.#outgoing.addTrailers(trailers as [string, string][]);
    const { socket } = this.#outgoing;
    if (last === undefined) this.#outgoing.end();
    else this.#outgoing.end(last);
    // Most sockets take all at once. The chunks of another are left to the garbage collector.
    if (socket !== null && !socket.destroyed && socket.writableLength === 0) this.#giveAllBack(held);
  }

  /** Lets go what is held and cuts the connection, so that the client sees that the body is not whole. */
  cut(): void {
    this.#writeAll(this.#held);
    this.#held = [];
    // What was handed over before is counted, so it goes first too.
    this.#outgoing.write(NOTHING, () => this.#outgoing.destroy());
  }

  /** The counter can take more again. */
  readonly onCounterDrain = (): void => {
    this.#counterWaits = false;
    if (!this.#clientWaits) this.#ready();
  };

  /** The socket has taken what one turn handed over, or never will. */
  readonly #onTaken = (error?: Error | null): void => {
    const chunks = this.#untaken.shift();
    if (chunks === undefined || error != null) return;
    if (this.#counter !== null) {
      this.#count(chunks);
      this.#onCounted?.();
    }
    this.#giveAllBack(chunks);
    if (!this.#clientWaits || this.#untaken.length > 0) return;
    this.#clientWaits = false;
    if (!this.#counterWaits) this.#ready();
  };

  /** All that is held goes, but for the chunk that would make a body of known length whole. */
  #handOverHeld(): void {
    const makesWhole = this.#heldBytes === this.#remaining;
    if (makesWhole && this.#held.length === 1) return;
    const last = makesWhole ? this.#held.pop() : undefined;
    for (const chunk of this.#held) this.#account(chunk);
    this.#untaken.push(this.#held);
    // The write's callback ends the pause: `drain` may be emitted before anything can listen for it (Node 22 to 26).
    if (!this.#writeAll(this.#held)) this.#clientWaits = true;
    this.#held = last === undefined ? [] : [last];
    this.#heldBytes = last?.length ?? 0;
  }

  /**
   * Node corks the socket until the next tick by itself, so that the chunks of a turn leave in one write. The response
   * must not be corked: Node 22 and 24 then end a chunked body before they write what `cork` holds back.
   */
  #writeAll(chunks: readonly Buffer[]): boolean {
    const last = chunks.at(-1);
    if (last === undefined) return true;
    for (let at = 0; at < chunks.length - 1; at++) this.#outgoing.write(chunks[at]!);
    return this.#outgoing.write(last, this.#onTaken);
  }

  #giveAllBack(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#giveBack(chunk);
  }

  #account(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#remaining -= chunk.length;
  }

  #count(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      if (!this.#counter!.write(chunk)) this.#counterWaits = true;
    }
  }

  /** The response is over on the upstream's side: what is still in our buffers goes out too, and counts. */
  #countAll(): void {
    for (const chunks of this.#untaken) this.#count(chunks);
    this.#untaken = [];
    this.#count(this.#held);
  }
}
