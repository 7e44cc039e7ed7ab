/** One request from `send` to its last event, in the queue or on a connection. */

import { UpstreamError } from '../../../../forward/failure.ts';
import { requestHead } from './request-head.ts';
import type { RequestHandle, ResponseHandler, UpstreamRequest } from './response-handler.ts';

/** The operations of a connection that its request uses. */
export interface RequestConnection {
  abort(error: Error): void;
  resume(): void;
}

export class PendingRequest implements RequestHandle {
  readonly request: UpstreamRequest;
  readonly handler: ResponseHandler;
  /** True if 101 is an expected response. */
  readonly isUpgrade: boolean;
  /** The request head in latin1, as it is written to the connection. */
  readonly head: string;
  readonly bodyLength: number | undefined;
  /** Null while it waits in the queue. */
  connection: RequestConnection | null = null;
  readonly #leaveQueue: (request: PendingRequest) => void;
  #isOver = false;

  /** @throws UpstreamError if the request cannot be written as HTTP/1.1. */
  constructor(
    request: UpstreamRequest,
    upgrade: string | undefined,
    handler: ResponseHandler,
    leaveQueue: (request: PendingRequest) => void,
  ) {
    this.request = request;
    this.handler = handler;
    this.isUpgrade = upgrade !== undefined;
    this.#leaveQueue = leaveQueue;
    const { text, bodyLength } = requestHead(request, upgrade);
    this.head = text;
    this.bodyLength = bodyLength;
    if (request.body?.destroyed === true) throw bodyError(request.body.errored ?? undefined);
    // Added at once, because a body may fail while the request waits for a connection.
    request.body?.on('error', (error) => this.abort(bodyError(error)));
    request.body?.on('close', () => {
      if (request.body?.readableEnded === false) this.abort(bodyError(undefined));
    });
  }

  abort(error: Error): void {
    if (this.#isOver) return;
    if (this.connection !== null) this.connection.abort(error);
    else {
      this.#leaveQueue(this);
      this.fail(error);
    }
  }

  resume(): void {
    this.connection?.resume();
  }

  complete(trailers: string[]): void {
    this.end();
    this.handler.onComplete(trailers);
  }

  /** Without effect if the request has ended. */
  fail(error: Error): void {
    if (this.#isOver) return;
    this.end();
    this.request.body?.destroy();
    this.handler.onError(error);
  }

  /** Ends the request; no more events follow. */
  end(): void {
    this.#isOver = true;
    this.connection = null;
  }
}

/** The body's error if it has one of our codes; else an error that reports an aborted request. */
function bodyError(error: Error | undefined): Error {
  if (error !== undefined && 'code' in error && String(error.code).startsWith('POSTMETER_')) return error;
  return new UpstreamError(
    'POSTMETER_REQUEST_BROKE_OFF',
    error?.message ?? 'The body of the request ended early.',
    error,
  );
}
