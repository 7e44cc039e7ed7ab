/** The gateway on Node's sockets: passes each request to the gateway and executes its decision. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { failureProblem, headFaultProblem } from '../../../admit/problem.ts';
import type { RequestRefusal } from '../../../count/request-body/request-reader.ts';
import type { MeteredExchange } from '../../../exchange/metered-exchange.ts';
import { BODY_TOO_LARGE, failureOf, NOT_FORWARDABLE } from '../../../forward/failure.ts';
import { headFault } from '../../../forward/request-head.ts';
import type { Gateway, ReceiveResult } from '../../../gateway.ts';
import type { GatewayCounters } from '../../../report/gateway-counters.ts';
import { closeIfUpgradeDeclined } from './decline-upgrade.ts';
import { DocumentExchange } from './document/document-exchange.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { Pipelining } from './pipelining.ts';
import { boundedBody, hasBody, isTooLarge, readBody } from './request-body.ts';
import { ResetWatch } from './reset-watch.ts';
import { sendOwnResponse, sendProblem } from './send-problem.ts';
import { responseOn, UpgradeExchange, type UpgradeRequest } from './upgrade.ts';

export interface GatewayHandlerOptions extends ExchangeContext {
  readonly gateway: Gateway;
  readonly maxRequestBodyBytes: number;
  /** Called for an internal error. Only the connection of its request closes. */
  readonly onFault: (error: Error) => void;
  readonly tally: ExchangeContext['tally'] & Pick<GatewayCounters, 'requestEnded'>;
}

export class GatewayHandler {
  readonly #options: GatewayHandlerOptions;
  /** Connections with an ambiguous request head. The bytes after it may be its body, so they are not read as requests. */
  readonly #distrusted = new WeakSet<Socket>();
  readonly #resetWatch = new ResetWatch();
  readonly #pipelining = new Pipelining(this.#resetWatch);

  constructor(options: GatewayHandlerOptions) {
    this.#options = options;
  }

  /**
   * Serves a request once the responses to the earlier requests on its connection are over. Never throws.
   * @param expectsContinue the client waits for 100 Continue before it sends its body.
   */
  handle(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue = false): void {
    closeIfUpgradeDeclined(incoming, outgoing);
    if (this.#pipelining.isBusy(outgoing)) {
      this.#pipelining.hold(incoming, outgoing, () => this.#serve(incoming, outgoing, expectsContinue));
    } else this.#serve(incoming, outgoing, expectsContinue);
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue: boolean): void {
    if (this.#distrusted.has(incoming.socket)) return;
    const received = this.#receive(incoming);
    if (received instanceof Promise) {
      this.#whenReceived(received, incoming.socket, (late) =>
        this.#answer(late, incoming, outgoing, expectsContinue),
      );
    } else this.#answer(received, incoming, outgoing, expectsContinue);
  }

  #answer(
    received: ReceiveResult,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue: boolean,
  ): void {
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    if (received.kind === 'document') {
      sendOwnResponse(outgoing, received.document);
      return;
    }
    const { metered } = received;
    try {
      this.#forward(metered, incoming, outgoing, expectsContinue);
    } catch (error) {
      this.#fail(metered, outgoing, error as Error);
    }
  }

  #forward(
    metered: MeteredExchange,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue: boolean,
  ): void {
    const { maxRequestBodyBytes } = this.#options;
    if (isTooLarge(incoming, maxRequestBodyBytes)) {
      metered.fail(BODY_TOO_LARGE, (problem) => sendProblem(outgoing, problem));
      return;
    }
    if (expectsContinue) outgoing.writeContinue();
    const reader = metered.requestReader;
    if (hasBody(incoming)) this.#resetWatch.add(incoming.socket, outgoing, 'close');
    if (reader === null) {
      const body = hasBody(incoming) ? boundedBody(incoming, maxRequestBodyBytes) : null;
      this.#exchange(metered, body, outgoing).start();
      return;
    }
    const onVerdict = (refusal: RequestRefusal | null): void =>
      refusal === null ? exchange.start() : exchange.refuse(refusal);
    const body = hasBody(incoming)
      ? readBody(incoming, maxRequestBodyBytes, reader, metered.maxHoldMs, onVerdict)
      : null;
    const exchange = this.#exchange(metered, body, outgoing);
    if (body !== null) return;
    reader.end();
    onVerdict(metered.refusal);
  }

  #exchange(metered: MeteredExchange, body: Readable | null, outgoing: ServerResponse): Exchange {
    const { replacement } = metered;
    if (replacement === null) return new Exchange(this.#options, metered, body, outgoing);
    return new DocumentExchange(this.#options, metered, replacement, body, outgoing);
  }

  /** A request to switch protocols, with the socket that Node has handed over. Never throws. */
  upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const request = { incoming, outgoing: responseOn(incoming, socket), socket, head };
    const received = this.#receive(incoming);
    if (received instanceof Promise) {
      this.#whenReceived(received, socket, (late) => this.#answerUpgrade(late, request));
    } else this.#answerUpgrade(received, request);
  }

  #answerUpgrade(received: ReceiveResult, request: UpgradeRequest): void {
    const { outgoing } = request;
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    if (received.kind === 'document') {
      sendOwnResponse(outgoing, received.document);
      return;
    }
    const { metered } = received;
    try {
      metered.requestReader?.end();
      if (metered.refusal !== null) sendProblem(outgoing, metered.refuse(metered.refusal));
      else new UpgradeExchange(this.#options, metered, request).start();
    } catch (error) {
      this.#fail(metered, outgoing, error as Error);
    }
  }

  /** Waits for the client's total. The client may leave meanwhile. */
  #whenReceived(
    received: Promise<ReceiveResult>,
    socket: Socket,
    carryOn: (received: ReceiveResult) => void,
  ): void {
    const arrived = (late: ReceiveResult): void => {
      if (!socket.destroyed) carryOn(late);
      else if (late.kind === 'forward') late.metered.settle(null, 0, false, () => {});
    };
    void received.catch((error: Error) => this.#notForwardable(error)).then(arrived);
  }

  #receive(incoming: IncomingMessage): ReceiveResult | Promise<ReceiveResult> {
    const fault = headFault(incoming.rawHeaders, incoming.httpVersionMinor);
    if (fault !== null) {
      this.#distrusted.add(incoming.socket);
      return { kind: 'refused', problem: headFaultProblem(fault) };
    }
    try {
      return this.#options.gateway.receive({
        method: incoming.method!,
        target: incoming.url!,
        headers: incoming.rawHeaders,
        host: incoming.headers.host,
        peer: incoming.socket.remoteAddress,
        secure: (incoming.socket as TLSSocket).encrypted === true,
      });
    } catch (error) {
      return this.#notForwardable(error as Error);
    }
  }

  #notForwardable(error: Error): ReceiveResult {
    this.#options.onFault(error);
    this.#options.tally.requestEnded('failed', NOT_FORWARDABLE.status, 0, 0);
    return { kind: 'refused', problem: failureProblem(NOT_FORWARDABLE) };
  }

  /** Answers an internal error with a problem, after which the connection closes. */
  #fail(metered: MeteredExchange, outgoing: ServerResponse, error: Error): void {
    this.#options.onFault(error);
    outgoing.shouldKeepAlive = false;
    metered.fail(failureOf(error), (problem) => sendProblem(outgoing, problem));
  }
}
