/** The gateway on Node's sockets: hands each request to the gateway, and carries what it decides. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { failureProblem, headFaultProblem } from '../../../admit/problem.ts';
import { BODY_TOO_LARGE, failureOf, NOT_FORWARDABLE } from '../../../forward/failure.ts';
import { headFault } from '../../../forward/request-head.ts';
import type { Refusal } from '../../../forward/shape/request-reader.ts';
import type { Gateway, Passage, Received } from '../../../gateway.ts';
import type { Tally } from '../../../report/tally.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { Pipelining } from './pipelining.ts';
import { boundedBody, hasBody, isTooLarge, readBody } from './request-body.ts';
import { ResetWatch } from './reset-watch.ts';
import { sendProblem } from './send-problem.ts';
import { closeIfKept } from './unupgraded.ts';
import { responseOn, UpgradeExchange, type UpgradeRequest } from './upgrade.ts';

export interface GatewayHandlerOptions extends ExchangeContext {
  readonly gateway: Gateway;
  readonly maxRequestBodyBytes: number;
  /** A fault of our own: the connection of its request closes, and no other. */
  readonly onFault: (error: Error) => void;
  readonly tally: ExchangeContext['tally'] & Pick<Tally, 'ended'>;
}

export class GatewayHandler {
  readonly #options: GatewayHandlerOptions;
  /** One head on it was ambiguous: what was sent behind that may be its body, and is not a request. */
  readonly #distrusted = new WeakSet<Socket>();
  readonly #resetWatch = new ResetWatch();
  readonly #pipelining = new Pipelining(this.#resetWatch);

  constructor(options: GatewayHandlerOptions) {
    this.#options = options;
  }

  /**
   * Serves a request once the responses to those before it on its connection are over. Never throws.
   * @param expectsContinue the client waits for 100 Continue before it sends its body.
   */
  handle(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue = false): void {
    closeIfKept(incoming, outgoing);
    if (this.#pipelining.isBusy(outgoing)) {
      this.#pipelining.hold(incoming, outgoing, () => this.#serve(incoming, outgoing, expectsContinue));
    } else this.#serve(incoming, outgoing, expectsContinue);
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue: boolean): void {
    if (this.#distrusted.has(incoming.socket)) return;
    const received = this.#receive(incoming);
    if (received instanceof Promise) {
      this.#later(received, incoming.socket, (late) =>
        this.#answer(late, incoming, outgoing, expectsContinue),
      );
    } else this.#answer(received, incoming, outgoing, expectsContinue);
  }

  #answer(
    received: Received,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue: boolean,
  ): void {
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    const { passage } = received;
    try {
      this.#forward(passage, incoming, outgoing, expectsContinue);
    } catch (error) {
      this.#fail(passage, outgoing, error as Error);
    }
  }

  #forward(
    passage: Passage,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue: boolean,
  ): void {
    const { maxRequestBodyBytes } = this.#options;
    if (isTooLarge(incoming, maxRequestBodyBytes)) {
      passage.fail(BODY_TOO_LARGE, (problem) => sendProblem(outgoing, problem));
      return;
    }
    if (expectsContinue) outgoing.writeContinue();
    const reader = passage.requestReader;
    if (hasBody(incoming)) this.#resetWatch.add(incoming.socket, outgoing, 'close');
    if (reader === null) {
      const body = hasBody(incoming) ? boundedBody(incoming, maxRequestBodyBytes) : null;
      new Exchange(this.#options, passage, body, outgoing).start();
      return;
    }
    const onVerdict = (refusal: Refusal | null): void =>
      refusal === null ? exchange.start() : exchange.refuse(refusal);
    const body = hasBody(incoming)
      ? readBody(incoming, maxRequestBodyBytes, reader, passage.maxHoldMs, onVerdict)
      : null;
    const exchange = new Exchange(this.#options, passage, body, outgoing);
    if (body !== null) return;
    reader.end();
    onVerdict(passage.refusal);
  }

  /** A request to switch protocols, with the socket that Node has handed over. Never throws. */
  upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const request = { incoming, outgoing: responseOn(incoming, socket), socket, head };
    const received = this.#receive(incoming);
    if (received instanceof Promise) {
      this.#later(received, socket, (late) => this.#answerUpgrade(late, request));
    } else this.#answerUpgrade(received, request);
  }

  #answerUpgrade(received: Received, request: UpgradeRequest): void {
    const { outgoing } = request;
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    const { passage } = received;
    try {
      passage.requestReader?.end();
      if (passage.refusal !== null) sendProblem(outgoing, passage.refuse(passage.refusal));
      else new UpgradeExchange(this.#options, passage, request).start();
    } catch (error) {
      this.#fail(passage, outgoing, error as Error);
    }
  }

  /** The request waits for its client's total, and the client may leave meanwhile. */
  #later(received: Promise<Received>, socket: Socket, carryOn: (received: Received) => void): void {
    const arrived = (late: Received): void => {
      if (!socket.destroyed) carryOn(late);
      else if (late.kind === 'forward') late.passage.meter(null, 0, false, () => {});
    };
    void received.catch((error: Error) => this.#notForwardable(error)).then(arrived);
  }

  #receive(incoming: IncomingMessage): Received | Promise<Received> {
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

  #notForwardable(error: Error): Received {
    this.#options.onFault(error);
    this.#options.tally.ended('failed', NOT_FORWARDABLE.status, 0, 0);
    return { kind: 'refused', problem: failureProblem(NOT_FORWARDABLE) };
  }

  /** What throws on the way to the platform ends its own connection, behind a problem. */
  #fail(passage: Passage, outgoing: ServerResponse, error: Error): void {
    this.#options.onFault(error);
    outgoing.shouldKeepAlive = false;
    passage.fail(failureOf(error), (problem) => sendProblem(outgoing, problem));
  }
}
