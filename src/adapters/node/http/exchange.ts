/** One exchange on Node: sends the request with the upstream client and writes the response to Node's `outgoing`. */

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Problem } from '../../../admit/problem.ts';
import type { Counter, CountResult } from '../../../count/counter.ts';
import type { RequestRefusal } from '../../../count/request-body/request-reader.ts';
import type { HtmlInspection } from '../../../exchange/html-inspection.ts';
import type { MeteredExchange } from '../../../exchange/metered-exchange.ts';
import { earlyHintLinks, MAX_INFORMATIONAL } from '../../../forward/early-hints.ts';
import { failureOf, mayRetry, UpstreamError } from '../../../forward/failure.ts';
import type { GatewayCounters } from '../../../report/gateway-counters.ts';
import { HeldResponse, type PendingHead } from './document/held-response.ts';
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
  /** Counts the requests that wait for a connection, because the queue of the upstream client is not bounded. */
  readonly tally: Pick<GatewayCounters, 'waitStarted' | 'waitEnded'>;
  /** Called when the upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, metered: MeteredExchange) => void;
}

const EXCHANGE = Symbol('exchange');
type Outgoing = ServerResponse & { [EXCHANGE]?: Exchange };

/** One listener for all responses, so that no closure is created per request. */
function onOutgoingClose(this: Outgoing): void {
  this[EXCHANGE]?.onClientClosed();
}

export class Exchange implements ResponseHandler, TurnEndListener {
  readonly #context: ExchangeContext;
  readonly #metered: MeteredExchange;
  readonly #outgoing: Outgoing;
  readonly #body: Readable | null;
  readonly #responseBody: ResponseBody;
  #request: RequestHandle | null = null;
  #attempts = 0;
  #informationalCount = 0;
  /** True once the final response head was written. */
  #hasHead = false;
  /** The response whose head waits for the decision whether it is withheld; null if none does. */
  #held: HeldResponse | null = null;
  /** Reads a response that is not held. */
  #inspection: HtmlInspection | null = null;
  #isOver = false;
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
    this.#responseBody = new ResponseBody(
      outgoing,
      () => {
        if (!this.#isOver) this.#request?.resume();
      },
      context.upstream.giveBack,
    );
    this.#outgoing[EXCHANGE] = this;
    this.#outgoing.on('close', onOutgoingClose);
  }

  start(): void {
    // The client may have left while its body was read.
    if (this.#isOver) return;
    this.#attempts++;
    this.#isWaiting = true;
    this.#context.tally.waitStarted();
    const { path, method, upstreamHeaders: headers } = this.#metered;
    const request = { path, method, headers, body: this.#body, isRetry: this.#attempts > 1 };
    this.#request = this.send(request, this.#context.upstream);
  }

  /** Refuses the request because of its body. */
  refuse(refusal: RequestRefusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    sendProblem(this.#outgoing, this.#metered.refuse(refusal));
  }

  protected send(request: UpstreamRequest, upstream: Upstream): RequestHandle {
    return upstream.send(request, this);
  }

  protected mayRetry(error: Error): boolean {
    return this.#attempts === 1 && mayRetry(this.#metered.method, this.#body !== null, error);
  }

  /** Ends the exchange without a response, because its connection is upgraded. @returns false if it has already ended. */
  protected detach(): boolean {
    const wasOver = this.#isOver;
    this.#isOver = true;
    return !wasOver;
  }

  onConnect(): void {
    this.#endWait();
  }

  onHeaders(status: number, reason: string, headers: readonly string[]): void {
    if (this.#isOver) return;
    if (status < 200) {
      this.#onInformational(status, headers);
      return;
    }
    const response = this.#metered.onResponseHead(status, headers, this.#responseBody.onCounterDrain);
    const { inspection } = response;
    const head = { status, reason, response };
    if (inspection?.isHeld) {
      this.#held = new HeldResponse(head);
      inspection.onDecided = () => this.#release();
      return;
    }
    const problem = this.#metered.withhold();
    if (problem === null) this.#begin(head);
    else this.#replace(problem);
  }

  #begin({ status, reason, response }: PendingHead): void {
    const { counter, contentLength, isStream, inspection } = response;
    this.#inspection = inspection;
    this.#responseBody.begin(counter, contentLength, isStream ? this.#meterStream(counter) : null);
    writeHead(this.#outgoing, status, reason, response);
    this.#hasHead = true;
    this.#context.turnScheduler.add(this);
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    const held = this.#held;
    if (held !== null) {
      held.add(chunk);
      return held.hasRoom;
    }
    this.#inspection?.write(chunk);
    this.#context.turnScheduler.add(this);
    return this.#responseBody.write(chunk);
  }

  /** The page of the held response has been read: it is sent, or a problem instead. */
  #release(): void {
    const held = this.#held;
    if (held === null || this.#isOver) return;
    this.#held = null;
    const problem = this.#metered.withhold();
    if (problem !== null) {
      held.discard();
      this.#replace(problem);
      return;
    }
    this.#begin(held.head);
    for (const chunk of held.chunks) this.#responseBody.write(chunk);
    if (held.trailers !== null) this.onComplete(held.trailers);
    // Later chunks pause the upstream if the client is slower.
    else this.#request?.resume();
  }

  /** Sends a problem instead of the upstream's response, whose body is not read. */
  #replace(problem: Problem): void {
    this.#isOver = true;
    this.#request?.abort(new Error('The response is withheld.'));
    sendProblem(this.#outgoing, problem);
  }

  onComplete(trailers: string[]): void {
    if (this.#isOver) return;
    if (this.#held !== null) {
      this.#held.end(trailers);
      return;
    }
    this.#isOver = true;
    if (this.#body !== null) discardRest(this.#outgoing.req);
    const pairs = trailers.length === 0 ? [] : this.#metered.trailers(trailers);
    this.#responseBody.finish('end', (result) =>
      this.#settle(result, true, () => this.#responseBody.release(pairs)),
    );
  }

  onError(error: Error): void {
    this.#endWait();
    if (this.#isOver) return;
    const { refusal } = this.#metered;
    if (refusal !== null && !this.#hasHead) {
      this.refuse(refusal);
      return;
    }
    const held = this.#held;
    this.#held = null;
    held?.discard();
    if (!this.#hasHead && held === null && this.mayRetry(error)) {
      this.start();
      return;
    }
    this.#isOver = true;
    const failure = failureOf(error);
    this.#context.onFailure(failure.code, error, this.#metered);
    if (this.#hasHead) this.#abortResponse();
    else this.#metered.fail(failure, (problem) => sendProblem(this.#outgoing, problem));
  }

  #endWait(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#context.tally.waitEnded();
  }

  /** Meters a stream whenever more of it has been counted. */
  #meterStream(counter: Counter | null): (() => void) | null {
    if (counter === null) return null;
    const meterPartial = () => this.#meterPartial(counter);
    // A decoder is asynchronous, and the next event may come hours later, so metering must not wait for it.
    counter.onDecoded = meterPartial;
    return meterPartial;
  }

  /** Cuts a stream whose client is over its limit, so that the client sees that the body is incomplete. */
  #meterPartial(counter: Counter): void {
    if (this.#isOver || this.#metered.meterPartial(counter, this.#responseBody.bytes)) return;
    this.#isOver = true;
    this.#request?.abort(new Error('The client is over its limit.'));
    this.#abortResponse();
  }

  /** Delivers and meters what the upstream has sent, then closes the connection. */
  #abortResponse(): void {
    this.#responseBody.finish('abort', (result) =>
      this.#settle(result, false, () => this.#responseBody.destroy()),
    );
  }

  onTurnEnd(): void {
    if (!this.#isOver) this.#responseBody.onTurnEnd();
  }

  onClientClosed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#request?.abort(new Error('The client closed the connection.'));
    this.#held?.discard();
    this.#responseBody.onClientClosed((result) => this.#settle(result, false, () => {}));
  }

  #settle(result: CountResult | null, whole: boolean, released: () => void): void {
    this.#metered.settle(result, this.#responseBody.bytes, whole, (deliver) => {
      this.#metered.delivered();
      if (deliver) released();
      else this.#outgoing.destroy();
    });
  }

  /**
   * Forwards early hints (RFC 8297), except to HTTP/1.0, which has no 1xx. Other 1xx responses concern this hop only.
   */
  #onInformational(status: number, headers: readonly string[]): void {
    this.#informationalCount++;
    if (this.#informationalCount > MAX_INFORMATIONAL) {
      const message = `The upstream sent more than ${MAX_INFORMATIONAL} informational responses.`;
      this.#request?.abort(new UpstreamError('POSTMETER_BAD_ANSWER', message));
      return;
    }
    if (status !== 103 || this.#outgoing.req.httpVersionMinor === 0) return;
    const link = earlyHintLinks(headers);
    if (link.length > 0) this.#outgoing.writeEarlyHints({ link });
  }
}
