/**
 * Streams one response to the client and counts it. Each chunk is forwarded at once, and counted when the client has
 * taken it. What completes the response waits until its usage is written: the last chunk of a body of known length, else
 * the end of the body. In workerd the client does not notice the abort of a body of unknown length, so the last chunk of
 * a response that must not be delivered unmetered waits, too.
 */

import type {
  AbortSignal,
  ReadableStream,
  ReadableStreamReadResult,
  WritableStream,
} from '@cloudflare/workers-types';
import type { CountedResponse, MeteredExchange } from '../../exchange/metered-exchange.ts';
import type { BodyCounter } from './body-counter.ts';
import type { DeadlineTimer } from './deadline-timer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { areCallsShort } from './invocation.ts';

/** Bytes per read, and at most held back at the end of a body of known length. */
const READ_BYTES = 64 * 1024;

export class StreamedBody {
  readonly #metered: MeteredExchange;
  readonly #answer: CountedResponse;
  readonly #counter: BodyCounter;
  readonly #source: ReturnType<typeof byteReaderOf>;
  readonly #writer: ReturnType<WritableStream<Uint8Array>['getWriter']>;
  readonly #timer: DeadlineTimer;
  readonly #bodyTimeoutMs: number;
  /** True if each chunk waits for the next one, because the last one of a body of unknown length must not be delivered. */
  readonly #holdsChunks: boolean;
  /** Body bytes handed to the runtime so far. */
  #bytes = 0;
  /** True if the client disconnected, or its response was cut. */
  #isCut = false;
  /** True if the gateway ends the stream before the upstream does. */
  #isEndedEarly = false;

  constructor(
    metered: MeteredExchange,
    answer: CountedResponse,
    bodyCounter: BodyCounter,
    body: ReadableStream,
    client: WritableStream,
    timer: DeadlineTimer,
    { bodyTimeoutMs, mustMeter }: Pick<ExchangeContext, 'bodyTimeoutMs' | 'mustMeter'>,
  ) {
    this.#metered = metered;
    this.#answer = answer;
    this.#counter = bodyCounter;
    this.#source = byteReaderOf(body);
    this.#writer = (client as WritableStream<Uint8Array>).getWriter();
    this.#timer = timer;
    this.#bodyTimeoutMs = bodyTimeoutMs;
    const { counter, contentLength, isStream } = answer;
    this.#holdsChunks = mustMeter && counter !== null && contentLength === undefined && !isStream;
  }

  /**
   * Resolves when the response is over and metered; never rejects.
   * @param disconnect aborted if the client disconnects. workerd does not notice every disconnect before it writes,
   *   because it takes a closed connection for a half-closed one. What the runtime has taken by then counts.
   */
  async run(disconnect: AbortSignal): Promise<void> {
    disconnect.addEventListener('abort', () => this.#cut());
    this.#writer.closed.catch(() => this.#cut());
    if (disconnect.aborted) this.#cut();
    const { counter, isStream } = this.#answer;
    // A decoder is asynchronous. Its last event must be metered even if no other follows for hours.
    if (isStream && counter !== null) counter.onDecoded = () => this.#meterPartial();
    this.#startTimer();
    let held: Uint8Array | null;
    try {
      held = await this.#forward();
    } catch (error) {
      await this.#abort(error);
      return;
    }
    await this.#release(held);
  }

  /**
   * Forwards everything but the chunk that completes the response, and returns that. Throws if either side aborts. The
   * end of a body of known length is read in one piece: if it was forwarded piece by piece, about one response in a
   * hundred hung in workerd (1.20260426) while other clients disconnected.
   */
  async #forward(): Promise<Uint8Array | null> {
    const { contentLength = Number.NaN, isStream } = this.#answer;
    let buffer = new ArrayBuffer(contentLength < READ_BYTES ? contentLength : READ_BYTES);
    let held: Uint8Array | null = null;
    for (;;) {
      const missing = contentLength - this.#bytes;
      const atLeast = missing <= READ_BYTES && !isStream ? missing : 1;
      const { done, value }: BytesRead = await this.#source.readAtLeast(atLeast, new Uint8Array(buffer));
      if (this.#isCut) throw new Error('The client has disconnected.');
      if (done || value === undefined) return held;
      if (value.length === missing) return value;
      this.#startTimer();
      const chunk: Uint8Array | null = this.#holdsChunks ? held : value;
      if (this.#holdsChunks) held = value;
      if (chunk === null) {
        buffer = new ArrayBuffer(READ_BYTES);
        continue;
      }
      await this.#writer.write(chunk);
      this.#bytes += chunk.length;
      await this.#count(chunk);
      if (isStream && areCallsShort()) return this.#endEarly();
      this.#startTimer();
      buffer = chunk.buffer as ArrayBuffer;
    }
  }

  /** Ends a stream whose further usage this invocation could not send. */
  #endEarly(): null {
    this.#isEndedEarly = true;
    this.#source.cancel().catch(() => {});
    return null;
  }

  /** Returns a promise if the counter cannot take more until it has drained. */
  #count(chunk: Uint8Array): Promise<void> | undefined {
    const waits = this.#counter.write(chunk);
    if (this.#answer.isStream) this.#meterPartial();
    return waits;
  }

  /** Meters the complete body, then delivers the held chunk. A body that is not counted does not wait for its usage. */
  async #release(held: Uint8Array | null): Promise<void> {
    const { counter } = this.#answer;
    if (counter === null) {
      this.#timer.end();
      const isWhole = await this.#deliver(held);
      if (isWhole && held !== null) this.#bytes += held.length;
      await this.#counter.meter(null, this.#bytes, isWhole);
      return;
    }
    if (held !== null) {
      this.#bytes += held.length;
      await this.#count(held);
    }
    // The last event of a stream that is ended early may be incomplete, which is not an error.
    const result = await this.#counter.end(this.#isEndedEarly ? 'abort' : 'end');
    if (await this.#counter.meter(result, this.#bytes, true)) await this.#deliver(held);
    else await this.#destroy(new Error('The usage of this response could not be written.'));
  }

  /** Delivers the last chunk and ends the response. Returns false if the client has disconnected. */
  async #deliver(last: Uint8Array | null): Promise<boolean> {
    try {
      const written = last === null ? undefined : this.#writer.write(last);
      await Promise.all([written, this.#writer.close()]);
      return true;
    } catch (error) {
      await this.#destroy(error);
      return false;
    }
  }

  /** Meters what was delivered before the abort. */
  async #abort(error: unknown): Promise<void> {
    await this.#destroy(error);
    await this.#counter.meter(await this.#counter.end('abort'), this.#bytes, false);
  }

  /** Meters a running stream, and cuts it if its client is over its limit. */
  #meterPartial(): void {
    const { counter } = this.#answer;
    if (counter === null || this.#isCut) return;
    if (!this.#metered.meterPartial(counter, this.#bytes)) this.#cut();
  }

  #cut(): void {
    void this.#destroy(new Error('The response was cut.'));
  }

  async #destroy(error: unknown): Promise<void> {
    this.#isCut = true;
    await Promise.allSettled([this.#writer.abort(error), this.#source.cancel(error)]);
  }

  #startTimer(): void {
    this.#timer.set(this.#bodyTimeoutMs, () => this.#cut());
  }
}

type BytesRead = ReadableStreamReadResult<Uint8Array>;

/** A reader that fills our buffer. Otherwise the runtime allocates a buffer for every 4 KB. */
function byteReaderOf(body: ReadableStream) {
  return body.getReader({ mode: 'byob' });
}
