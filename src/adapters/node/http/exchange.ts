/** One request on Node: it is sent by the upstream client, and its answer is written to Node's own `outgoing`. */

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Counter, CountResult } from '../../../count/counter.ts';
import { earlyHintLinks, MAX_INFORMATIONAL } from '../../../forward/early-hints.ts';
import { failureOf, mayRetry, UpstreamError } from '../../../forward/failure.ts';
import type { Refusal } from '../../../forward/shape/request-reader.ts';
import type { MeteredExchange } from '../../../gateway.ts';
import type { Tally } from '../../../report/tally.ts';
import { discardRest } from './request-body.ts';
import { ResponseBody } from './response-body.ts';
import { sendProblem } from './send-problem.ts';
import type { TurnEndListener, TurnScheduler } from './turn-scheduler.ts';
import type {
  RequestHandle,
  ResponseHandler,
  Upstream,
  UpstreamRequest,
} from './upstream/response-handler.ts';
import { writeHead } from './write-head.ts';

export interface ExchangeContext {
  readonly upstream: Upstream;
  readonly turnScheduler: TurnScheduler;
  /** Counts the requests that wait for a connection, which the queue of the client does not bound. */
  readonly tally: Pick<Tally, 'waitBegan' | 'waitEnded'>;
  /** An upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, metered: MeteredExchange) => void;
}

const EXCHANGE = Symbol('exchange');
type Outgoing = ServerResponse & { [EXCHANGE]?: Exchange };

/** One listener for all responses, so that no closure is made per request. */
function onOutgoingClose(this: Outgoing): void {
  this[EXCHANGE]?.clientGone();
}

export class Exchange implements ResponseHandler, TurnEndListener {
  readonly #context: ExchangeContext;
  readonly #metered: MeteredExchange;
  readonly #outgoing: Outgoing;
  readonly #body: Readable | null;
  readonly #delivery: ResponseBody;
  #sent: RequestHandle | null = null;
  #attempts = 0;
  #informed = 0;
  #answered = false;
  #over = false;
  #isWaiting = false;

  constructor(
    context: ExchangeContext,
    metered: MeteredExchange,
    body: Readable | null,
    outgoing: ServerResponse,
  ) {
    this.#context = context;
    this.#metered = metered;
    this.#body = body;
    this.#outgoing = outgoing;
    this.#delivery = new ResponseBody(
      outgoing,
      () => {
        if (!this.#over) this.#sent?.resume();
      },
      context.upstream.giveBack,
    );
    this.#outgoing[EXCHANGE] = this;
    this.#outgoing.on('close', onOutgoingClose);
  }

  start(): void {
    // The client may have left while its body was read.
    if (this.#over) return;
    this.#attempts++;
    this.#isWaiting = true;
    this.#context.tally.waitBegan();
    const { path, method, upstreamHeaders: headers } = this.#metered;
    const request = { path, method, headers, body: this.#body, isRetry: this.#attempts > 1 };
    this.#sent = this.send(request, this.#context.upstream);
  }

  /** The request's body says that the request is not to be answered. */
  refuse(refusal: Refusal): void {
    if (this.#over) return;
    this.#over = true;
    sendProblem(this.#outgoing, this.#metered.refuse(refusal));
  }

  protected send(request: UpstreamRequest, upstream: Upstream): RequestHandle {
    return upstream.send(request, this);
  }

  protected mayRetry(error: Error): boolean {
    return this.#attempts === 1 && mayRetry(this.#metered.method, this.#body !== null, error);
  }

  /** Ends the exchange without an answer. @returns false if it has ended already. */
  protected leave(): boolean {
    const wasOver = this.#over;
    this.#over = true;
    return !wasOver;
  }

  onConnect(): void {
    this.#endWait();
  }

  onHeaders(status: number, reason: string, headers: readonly string[]): void {
    if (this.#over) return;
    if (status < 200) {
      this.#inform(status, headers);
      return;
    }
    const answer = this.#metered.onResponseHead(status, headers, this.#delivery.onCounterDrain);
    const { counter } = answer;
    this.#delivery.begin(counter, answer.contentLength, answer.isStream ? this.#meterStream(counter) : null);
    writeHead(this.#outgoing, status, reason, answer);
    this.#answered = true;
    this.#context.turnScheduler.add(this);
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#context.turnScheduler.add(this);
    return this.#delivery.offer(chunk);
  }

  onComplete(trailers: string[]): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#body !== null) discardRest(this.#outgoing.req);
    const pairs = trailers.length === 0 ? [] : this.#metered.trailers(trailers);
    this.#delivery.complete((result) => this.#meter(result, true, () => this.#delivery.release(pairs)));
  }

  onError(error: Error): void {
    this.#endWait();
    if (this.#over) return;
    const { refusal } = this.#metered;
    if (refusal !== null && !this.#answered) {
      this.refuse(refusal);
      return;
    }
    if (!this.#answered && this.mayRetry(error)) {
      this.start();
      return;
    }
    this.#over = true;
    const failure = failureOf(error);
    this.#context.onFailure(failure.code, error, this.#metered);
    if (this.#answered) {
      this.#delivery.breakOff((result) => this.#meter(result, false, () => this.#delivery.cut()));
    } else {
      this.#metered.fail(failure, (problem) => sendProblem(this.#outgoing, problem));
    }
  }

  #endWait(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#context.tally.waitEnded();
  }

  /** Meters what a stream has held, whenever more of it is counted. */
  #meterStream(counter: Counter | null): (() => void) | null {
    if (counter === null) return null;
    const meterPartial = () => this.#meterPartial(counter);
    // A decoder works in its own time: an event may stand alone for hours, and is metered all the same.
    counter.onDecoded = meterPartial;
    return meterPartial;
  }

  /** A stream whose client is over its limit is cut; the client sees that it is not whole. */
  #meterPartial(counter: Counter): void {
    if (this.#over || this.#metered.meterPartial(counter, this.#delivery.bytes)) return;
    this.#over = true;
    this.#sent?.abort(new Error('The client is over its limit.'));
    this.#delivery.breakOff((result) => this.#meter(result, false, () => this.#delivery.cut()));
  }

  onTurnEnd(): void {
    if (!this.#over) this.#delivery.onTurnEnd();
  }

  clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sent?.abort(new Error('The client closed the connection.'));
    this.#delivery.forsake((result) => this.#meter(result, false, () => {}));
  }

  #meter(result: CountResult | null, whole: boolean, released: () => void): void {
    this.#metered.settle(result, this.#delivery.bytes, whole, (deliver) => {
      this.#metered.delivered();
      if (deliver) released();
      else this.#outgoing.destroy();
    });
  }

  /** Early hints go on (RFC 8297), but not to HTTP/1.0, which knows no 1xx; other 1xx are the hop's own affair. */
  #inform(status: number, headers: readonly string[]): void {
    this.#informed++;
    if (this.#informed > MAX_INFORMATIONAL) {
      const message = `The upstream sent more than ${MAX_INFORMATIONAL} informational answers.`;
      this.#sent?.abort(new UpstreamError('POSTMETER_BAD_ANSWER', message));
      return;
    }
    if (status !== 103 || this.#outgoing.req.httpVersionMinor === 0) return;
    const link = earlyHintLinks(headers);
    if (link.length > 0) this.#outgoing.writeEarlyHints({ link });
  }
}
