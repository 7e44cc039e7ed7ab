/**
 * One response on its way to the client: chunks go as they come and are counted once they are taken. What makes the
 * response whole (the last chunk of a body of known length, else the body's end) stays until its usage is written. In
 * workerd the client does not see that a body of unknown length was broken off: if a response must not be delivered
 * unmetered, its last chunk stays too.
 */

import type {
  AbortSignal,
  ReadableStream,
  ReadableStreamReadResult,
  WritableStream,
} from '@cloudflare/workers-types';
import type { CountedResponse, MeteredExchange } from '../../gateway.ts';
import type { BodyCount } from './body-count.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { areCallsShort } from './invocation.ts';
import type { Watch } from './watch.ts';

/** Read at once, and held back at the end of a body of known length, at most. */
const READ_BYTES = 64 * 1024;

export class Delivery {
  readonly #metered: MeteredExchange;
  readonly #answer: CountedResponse;
  readonly #count: BodyCount;
  readonly #source: ReturnType<typeof byteReaderOf>;
  readonly #writer: ReturnType<WritableStream<Uint8Array>['getWriter']>;
  readonly #watch: Watch;
  readonly #bodyTimeoutMs: number;
  /** Each chunk of a body of unknown length waits for the next one. */
  readonly #holdsChunks: boolean;
  /** Body bytes handed over so far. */
  #bytes = 0;
  /** The client went, or was cut off. */
  #isForsaken = false;
  /** It ends before the upstream ends it. */
  #isEndedEarly = false;

  constructor(
    metered: MeteredExchange,
    answer: CountedResponse,
    count: BodyCount,
    body: ReadableStream,
    client: WritableStream,
    watch: Watch,
    { bodyTimeoutMs, mustMeter }: Pick<ExchangeContext, 'bodyTimeoutMs' | 'mustMeter'>,
  ) {
    this.#metered = metered;
    this.#answer = answer;
    this.#count = count;
    this.#source = byteReaderOf(body);
    this.#writer = (client as WritableStream<Uint8Array>).getWriter();
    this.#watch = watch;
    this.#bodyTimeoutMs = bodyTimeoutMs;
    const { counter, contentLength, isStream } = answer;
    this.#holdsChunks = mustMeter && counter !== null && contentLength === undefined && !isStream;
  }

  /**
   * Resolves when all of it is over and metered; never rejects.
   * @param left aborted if the client leaves. Not every client that leaves is noticed: workerd takes a closed connection
   *   for one that is closed in one direction, until something is written to it. What it was handed by then counts.
   */
  async run(left: AbortSignal): Promise<void> {
    left.addEventListener('abort', () => this.#forsake());
    this.#writer.closed.catch(() => this.#forsake());
    if (left.aborted) this.#forsake();
    const { counter, isStream } = this.#answer;
    // A decoder works in its own time: an event may stand alone for hours, and is metered all the same.
    if (isStream && counter !== null) counter.onDecoded = () => this.#meterPartial();
    this.#watchIdle();
    let held: Uint8Array | null;
    try {
      held = await this.#passBody();
    } catch (error) {
      await this.#breakOff(error);
      return;
    }
    await this.#release(held);
  }

  /**
   * Hands on all but what makes the response whole, and returns that. Throws where either side breaks off. The end of a
   * body of known length is read at once, when all of it has come, and is held at once: handed on piece by piece it
   * made responses hang in workerd (1.20260426) while other clients went away, one in some hundred.
   */
  async #passBody(): Promise<Uint8Array | null> {
    const { contentLength = Number.NaN, isStream } = this.#answer;
    let buffer = new ArrayBuffer(contentLength < READ_BYTES ? contentLength : READ_BYTES);
    let held: Uint8Array | null = null;
    for (;;) {
      const left = contentLength - this.#bytes;
      const atLeast = left <= READ_BYTES && !isStream ? left : 1;
      const { done, value }: BytesRead = await this.#source.readAtLeast(atLeast, new Uint8Array(buffer));
      if (this.#isForsaken) throw new Error('The client is gone.');
      if (done || value === undefined) return held;
      if (value.length === left) return value;
      this.#watchIdle();
      const chunk: Uint8Array | null = this.#holdsChunks ? held : value;
      if (this.#holdsChunks) held = value;
      if (chunk === null) {
        buffer = new ArrayBuffer(READ_BYTES);
        continue;
      }
      await this.#writer.write(chunk);
      this.#bytes += chunk.length;
      await this.#countChunk(chunk);
      if (isStream && areCallsShort()) return this.#endEarly();
      this.#watchIdle();
      buffer = chunk.buffer as ArrayBuffer;
    }
  }

  /** What the stream holds after this could not be metered by this invocation. */
  #endEarly(): null {
    this.#isEndedEarly = true;
    this.#source.cancel().catch(() => {});
    return null;
  }

  /** A promise if the counter cannot take more for now. */
  #countChunk(chunk: Uint8Array): Promise<void> | undefined {
    const waits = this.#count.write(chunk);
    if (this.#answer.isStream) this.#meterPartial();
    return waits;
  }

  /** The body is whole: it is metered, then what is held goes. A body without posts does not wait for that. */
  async #release(held: Uint8Array | null): Promise<void> {
    const { counter } = this.#answer;
    if (counter === null) {
      this.#watch.end();
      const isWhole = await this.#finish(held);
      if (isWhole && held !== null) this.#bytes += held.length;
      await this.#count.meter(null, this.#bytes, isWhole);
      return;
    }
    if (held !== null) {
      this.#bytes += held.length;
      await this.#countChunk(held);
    }
    // The last event of a stream that is ended early may be cut, which is not a fault.
    const result = await this.#count.end(this.#isEndedEarly ? 'abort' : 'end');
    if (await this.#count.meter(result, this.#bytes, true)) await this.#finish(held);
    else await this.#end(new Error('The usage of this response could not be written.'));
  }

  /** @returns false if the client left before. */
  async #finish(held: Uint8Array | null): Promise<boolean> {
    try {
      const written = held === null ? undefined : this.#writer.write(held);
      await Promise.all([written, this.#writer.close()]);
      return true;
    } catch (error) {
      await this.#end(error);
      return false;
    }
  }

  /** What went counts; of what the client is not given nothing does. */
  async #breakOff(error: unknown): Promise<void> {
    await this.#end(error);
    await this.#count.meter(await this.#count.end('abort'), this.#bytes, false);
  }

  /** A stream whose client is over its limit is cut. In workerd a chunked body that is cut looks whole to the client. */
  #meterPartial(): void {
    const { counter } = this.#answer;
    if (counter === null || this.#isForsaken) return;
    if (!this.#metered.meterPartial(counter, this.#bytes)) this.#forsake();
  }

  #forsake(): void {
    void this.#end(new Error('The response was cut.'));
  }

  async #end(error: unknown): Promise<void> {
    this.#isForsaken = true;
    await Promise.allSettled([this.#writer.abort(error), this.#source.cancel(error)]);
  }

  #watchIdle(): void {
    this.#watch.until(this.#bodyTimeoutMs, () => this.#forsake());
  }
}

type BytesRead = ReadableStreamReadResult<Uint8Array>;

/** Reads into a buffer of ours: without one the runtime makes a new one for every 4 KB. */
function byteReaderOf(body: ReadableStream) {
  return body.getReader({ mode: 'byob' });
}
