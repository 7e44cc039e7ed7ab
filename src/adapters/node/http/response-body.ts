/**
 * The body of one response on its way to the client. Chunks are held until the end of the turn, written together, and
 * counted once the socket has accepted them. A response that starts and ends in the same turn is sent in one write,
 * including its head, after its usage was journalled.
 */

import type { ServerResponse } from 'node:http';
import type { Counter, CountResult } from '../../../count/counter.ts';

const NOTHING = Buffer.alloc(0);
/**
 * Maximum number of bytes held within a turn: one full read of the upstream's socket. With twice as many, a client that
 * reads slowly took 310 KB of memory instead of 190.
 */
const MAX_HELD_BYTES = 64 * 1024;

export class ResponseBody {
  readonly #outgoing: ServerResponse;
  readonly #ready: () => void;
  readonly #giveBack: (chunk: Buffer) => void;
  #onCounted: (() => void) | null = null;
  #counter: Counter | null = null;
  /** Chunks of this turn, not written yet. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Chunks written but not yet accepted by the socket, by turn. If the client leaves now, it never received them. */
  #inFlight: Buffer[][] = [];
  /** Bytes of the body that are still to be written; NaN if the length is unknown. */
  #remaining = Number.NaN;
  #bytes = 0;
  #clientWaits = false;
  #counterWaits = false;

  /**
   * @param ready called when a pause that `write` requested is over.
   * @param giveBack called with each chunk that was counted and accepted by the socket, but not for an aborted response.
   */
  constructor(outgoing: ServerResponse, ready: () => void, giveBack: (chunk: Buffer) => void) {
    this.#outgoing = outgoing;
    this.#ready = ready;
    this.#giveBack = giveBack;
  }

  /** Body bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param onCounted called whenever chunks that the client's socket accepted have been counted; null if not needed. */
  begin(
    counter: Counter | null,
    contentLength: number | undefined,
    onCounted: (() => void) | null = null,
  ): void {
    this.#counter = counter;
    this.#onCounted = onCounted;
    this.#remaining = contentLength ?? Number.NaN;
  }

  /** Takes the next chunk. Returns false to pause until `ready`. */
  write(chunk: Buffer): boolean {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#flush();
    return !this.#clientWaits && !this.#counterWaits;
  }

  /**
   * Flushes at the end of each turn, headers included, so that a slow stream is never one chunk behind. Only the last
   * chunk of a body of known length stays until its usage is journalled, because it completes the response.
   */
  onTurnEnd(): void {
    if (this.#heldBytes > 0) this.#flush();
    else if (this.#bytes === 0) this.#outgoing.flushHeaders();
  }

  /**
   * The upstream has sent the last chunk, or has aborted. Everything that it sent is delivered and counted.
   * @param done receives the result. Held chunks wait for `release` or `destroy`.
   */
  finish(how: 'end' | 'abort', done: (result: CountResult | null) => void): void {
    for (const chunk of this.#held) this.#account(chunk);
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#countAll();
    this.#counter[how](done);
  }

  /** The client closed the connection. Only what its socket had accepted counts. */
  onClientClosed(done: (result: CountResult | null) => void): void {
    this.#held = [];
    this.#inFlight = [];
    if (this.#counter === null) {
      done(null);
      return;
    }
    this.#counter.abort(done);
  }

  /** Writes the held chunks and ends the response. */
  release(trailers: readonly (readonly [string, string])[]): void {
    const held = this.#held;
    this.#held = [];
    const last = held.at(-1);
    for (let at = 0; at < held.length - 1; at++) this.#outgoing.write(held[at]!);
    if (trailers.length > 0) this.#outgoing.addTrailers(trailers as [string, string][]);
    const { socket } = this.#outgoing;
    if (last === undefined) this.#outgoing.end();
    else this.#outgoing.end(last);
    // Most sockets accept everything at once. Otherwise the chunks are left to the garbage collector.
    if (socket !== null && !socket.destroyed && socket.writableLength === 0) this.#giveAllBack(held);
  }

  /** Writes the held chunks and destroys the connection, so that the client sees that the body is incomplete. */
  destroy(): void {
    this.#writeAll(this.#held);
    this.#held = [];
    // Everything written before is counted, so it must be sent first.
    this.#outgoing.write(NOTHING, () => this.#outgoing.destroy());
  }

  /** The counter has room again. */
  readonly onCounterDrain = (): void => {
    this.#counterWaits = false;
    if (!this.#clientWaits) this.#ready();
  };

  /** The socket has accepted the chunks of one turn, or never will. */
  readonly #onAccepted = (error?: Error | null): void => {
    const chunks = this.#inFlight.shift();
    if (chunks === undefined || error != null) return;
    if (this.#counter !== null) {
      this.#count(chunks);
      this.#onCounted?.();
    }
    this.#giveAllBack(chunks);
    if (!this.#clientWaits || this.#inFlight.length > 0) return;
    this.#clientWaits = false;
    if (!this.#counterWaits) this.#ready();
  };

  /** Writes the held chunks, except the one that would complete a body of known length. */
  #flush(): void {
    const completes = this.#heldBytes === this.#remaining;
    if (completes && this.#held.length === 1) return;
    const last = completes ? this.#held.pop() : undefined;
    for (const chunk of this.#held) this.#account(chunk);
    this.#inFlight.push(this.#held);
    // The write's callback ends the pause, because `drain` may be emitted before anything listens (Node 22 to 26).
    if (!this.#writeAll(this.#held)) this.#clientWaits = true;
    this.#held = last === undefined ? [] : [last];
    this.#heldBytes = last?.length ?? 0;
  }

  /**
   * Node itself corks the socket until the next tick, so that the chunks of a turn are sent in one write. The response
   * must not be corked: Node 22 and 24 would then end a chunked body before they write the corked chunks.
   */
  #writeAll(chunks: readonly Buffer[]): boolean {
    const last = chunks.at(-1);
    if (last === undefined) return true;
    for (let at = 0; at < chunks.length - 1; at++) this.#outgoing.write(chunks[at]!);
    return this.#outgoing.write(last, this.#onAccepted);
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

  /** Counts everything that is still in our buffers. It is delivered, because the upstream's side is over. */
  #countAll(): void {
    for (const chunks of this.#inFlight) this.#count(chunks);
    this.#inFlight = [];
    this.#count(this.#held);
  }
}
