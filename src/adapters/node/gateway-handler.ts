/** The gateway on Node's sockets: hands each request to the gateway, and carries what it decides. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { headFaultProblem } from '../../admit/problem.ts';
import { BODY_TOO_LARGE } from '../../forward/failure.ts';
import { headFault } from '../../forward/request-head.ts';
import type { Refusal } from '../../forward/shape/request-reader.ts';
import type { Gateway, Received } from '../../gateway.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { boundedBody, hasBody, isTooLarge, readBody } from './request-body.ts';
import { sendProblem } from './send-problem.ts';
import { responseOn, UpgradeExchange } from './upgrade.ts';

export interface GatewayHandlerOptions extends ExchangeContext {
  readonly gateway: Gateway;
  readonly maxRequestBodyBytes: number;
  /** A fault of our own: the connection of its request closes, and no other. */
  readonly onFault: (error: Error) => void;
}

export class GatewayHandler {
  readonly #options: GatewayHandlerOptions;
  /** Where one head was ambiguous, what was sent behind it may be its body: it is no request. */
  readonly #distrusted = new WeakSet<Socket>();

  constructor(options: GatewayHandlerOptions) {
    this.#options = options;
  }

  /** @param expectsContinue the client holds its body back until it is told to send it. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue = false): void {
    this.#contain(incoming.socket, () => this.#forward(incoming, outgoing, expectsContinue));
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, expectsContinue: boolean): void {
    if (this.#distrusted.has(incoming.socket)) return;
    const received = this.#receive(incoming);
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    const { passage } = received;
    const { maxRequestBodyBytes } = this.#options;
    if (isTooLarge(incoming, maxRequestBodyBytes)) {
      passage.fail(BODY_TOO_LARGE, (problem) => sendProblem(outgoing, problem));
      return;
    }
    if (expectsContinue) outgoing.writeContinue();
    const reader = passage.requestReader;
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

  /** A request to switch protocols, with the socket that Node has handed over. */
  upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#contain(socket, () => this.#forwardUpgrade(incoming, socket, head));
  }

  #forwardUpgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const outgoing = responseOn(incoming, socket);
    const received = this.#receive(incoming);
    if (received.kind === 'refused') {
      sendProblem(outgoing, received.problem);
      return;
    }
    const { passage } = received;
    passage.requestReader?.end();
    if (passage.refusal !== null) {
      sendProblem(outgoing, passage.refuse(passage.refusal));
      return;
    }
    new UpgradeExchange(this.#options, passage, { incoming, outgoing, socket, head }).start();
  }

  /** A listener of the server that throws would end the process. */
  #contain(socket: Socket, run: () => void): void {
    try {
      run();
    } catch (error) {
      socket.destroy();
      this.#options.onFault(error as Error);
    }
  }

  #receive(incoming: IncomingMessage): Received {
    const fault = headFault(incoming.rawHeaders, incoming.httpVersionMinor);
    if (fault !== null) {
      this.#distrusted.add(incoming.socket);
      return { kind: 'refused', problem: headFaultProblem(fault) };
    }
    return this.#options.gateway.receive({
      method: incoming.method!,
      target: incoming.url!,
      headers: incoming.rawHeaders,
      host: incoming.headers.host,
      peer: incoming.socket.remoteAddress,
      secure: (incoming.socket as TLSSocket).encrypted === true,
    });
  }
}
