/**
 * One request on Node: it goes out by undici's dispatch and comes back on Node's own `outgoing`. Fetch objects are
 * not on this path: they cost many times the dispatch (design, section 7).
 */

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Counter, CountResult } from '../../count/counter.ts';
import { hintedLinks, MAX_INFORMATIONAL } from '../../forward/early-hints.ts';
import { failureOf, mayRetry } from '../../forward/failure.ts';
import { fitReason } from '../../forward/reason.ts';
import type { Refusal } from '../../forward/shape/request-reader.ts';
import type { Passage } from '../../gateway.ts';
import type { Tally } from '../../report/tally.ts';
import { Delivery } from './delivery.ts';
import type { EndOfTurn, TurnEnd } from './end-of-turn.ts';
import { textOf } from './raw-headers.ts';
import { discardRest } from './request-body.ts';
import { sendProblem } from './send-problem.ts';

export interface ExchangeContext {
  readonly upstream: Dispatcher;
  readonly endOfTurn: EndOfTurn;
  /** Told of the time for which a request waits for a connection: undici's queue has no bound of its own. */
  readonly tally: Pick<Tally, 'waitBegan' | 'waitEnded'>;
  /** An upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, passage: Passage) => void;
}

const EXCHANGE = Symbol('exchange');
type Outgoing = ServerResponse & { [EXCHANGE]?: Exchange };

/** One listener for all responses, so that no closure is made per request. */
function onOutgoingClose(this: Outgoing): void {
  this[EXCHANGE]?.clientGone();
}

export class Exchange implements Dispatcher.DispatchHandler, TurnEnd {
  readonly #context: ExchangeContext;
  readonly #passage: Passage;
  readonly #outgoing: Outgoing;
  readonly #body: Readable | null;
  readonly #delivery: Delivery;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #attempts = 0;
  #informed = 0;
  #answered = false;
  #over = false;
  #isWaiting = false;

  constructor(context: ExchangeContext, passage: Passage, body: Readable | null, outgoing: ServerResponse) {
    this.#context = context;
    this.#passage = passage;
    this.#body = body;
    this.#outgoing = outgoing;
    this.#delivery = new Delivery(outgoing, () => {
      if (!this.#over) this.#resume?.();
    });
    this.#outgoing[EXCHANGE] = this;
    this.#outgoing.on('close', onOutgoingClose);
  }

  start(): void {
    // The client may have left while its body was read.
    if (this.#over) return;
    this.#attempts++;
    this.#isWaiting = true;
    this.#context.tally.waitBegan();
    const { path, method, upstreamHeaders } = this.#passage;
    this.#context.upstream.dispatch({ path, method, headers: upstreamHeaders, body: this.#body }, this);
  }

  /** The request's body says that the request is not to be answered. */
  refuse(refusal: Refusal): void {
    if (this.#over) return;
    this.#over = true;
    sendProblem(this.#outgoing, this.#passage.refuse(refusal));
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#endWait();
    if (this.#over) abort();
    else this.#abort = abort;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#over) return true;
    const headers = textOf(rawHeaders);
    if (status < 200) {
      this.#inform(status, headers);
      return true;
    }
    this.#answered = true;
    this.#resume = resume;
    const answer = this.#passage.answer(status, headers, this.#delivery.onCounterDrain);
    const { counter } = answer;
    this.#delivery.begin(counter, answer.contentLength, answer.isStream ? this.#meterStream(counter) : null);
    this.#outgoing.writeHead(status, fitReason(statusText), answer.headers);
    this.#context.endOfTurn.add(this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#context.endOfTurn.add(this);
    return this.#delivery.offer(chunk);
  }

  onComplete(trailers: Buffer[] | string[] | null): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#body !== null) discardRest(this.#outgoing.req);
    const pairs = trailers === null ? [] : this.#passage.trailers(textOf(trailers));
    this.#delivery.complete((result) => this.#meter(result, true, () => this.#delivery.release(pairs)));
  }

  onError(error: Error): void {
    this.#endWait();
    if (this.#over) return;
    const { refusal } = this.#passage;
    if (refusal !== null && !this.#answered) {
      this.refuse(refusal);
      return;
    }
    if (
      !this.#answered &&
      this.#attempts === 1 &&
      mayRetry(this.#passage.method, this.#body !== null, error)
    ) {
      this.start();
      return;
    }
    this.#over = true;
    const failure = failureOf(error);
    this.#context.onFailure(failure.code, error, this.#passage);
    if (this.#answered) {
      this.#delivery.breakOff((result) => this.#meter(result, false, () => this.#delivery.cut()));
    } else {
      this.#passage.fail(failure, (problem) => sendProblem(this.#outgoing, problem));
    }
  }

  /** One that is over waits on: undici drops it when there is a connection for it. */
  #endWait(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#context.tally.waitEnded();
  }

  /** Meters what a stream has held, whenever more of it is counted. */
  #meterStream(counter: Counter | null): (() => void) | null {
    if (counter === null) return null;
    const meterSoFar = () => this.#meterSoFar(counter);
    // A decoder works in its own time: an event may stand alone for hours, and is metered all the same.
    counter.onDecoded = meterSoFar;
    return meterSoFar;
  }

  /** A stream whose client is over its limit is cut; the client sees that it is not whole. */
  #meterSoFar(counter: Counter): void {
    if (this.#over || this.#passage.meterSoFar(counter, this.#delivery.bytes)) return;
    this.#over = true;
    this.#abort?.(new Error('The client is over its limit.'));
    this.#delivery.breakOff((result) => this.#meter(result, false, () => this.#delivery.cut()));
  }

  onTurnEnd(): void {
    if (!this.#over) this.#delivery.onTurnEnd();
  }

  clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort?.(new Error('The client went away.'));
    this.#delivery.forsake((result) => this.#meter(result, false, () => {}));
  }

  #meter(result: CountResult | null, whole: boolean, released: () => void): void {
    this.#passage.meter(result, this.#delivery.bytes, whole, (deliver) => {
      if (deliver) released();
      else this.#outgoing.destroy();
    });
  }

  /** Early hints go on (RFC 8297), but not to HTTP/1.0, which knows no 1xx; other 1xx are the hop's own affair. */
  #inform(status: number, headers: readonly string[]): void {
    this.#informed++;
    if (this.#informed > MAX_INFORMATIONAL) {
      this.#abort?.(Object.assign(new Error('A flood of 1xx answers.'), { code: 'POSTMETER_1XX_FLOOD' }));
      return;
    }
    if (status !== 103 || this.#outgoing.req.httpVersionMinor === 0) return;
    const link = hintedLinks(headers);
    if (link.length > 0) this.#outgoing.writeEarlyHints({ link });
  }
}
