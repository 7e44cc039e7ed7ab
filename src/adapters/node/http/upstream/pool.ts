/**
 * The pool of connections to the upstream. Each connection serves one request at a time and is then reused. Requests
 * that exceed the maximum number of connections wait in a queue, first in, first out.
 */

import { UpstreamError } from '../../../../forward/failure.ts';
import { type ConnectionOwner, UpstreamConnection } from './connection.ts';
import type { Connector } from './connector.ts';
import { type ConnectionLimits, SWEEP_MS } from './deadline.ts';
import { PendingRequest } from './pending-request.ts';
import { ReadMemory } from './read-memory.ts';
import type {
  RequestHandle,
  ResponseHandler,
  UpgradeHandler,
  Upstream,
  UpstreamRequest,
} from './response-handler.ts';
import { ResponseHeads } from './response-head.ts';

export interface PoolLimits extends ConnectionLimits {
  /** Maximum number of connections, without those of upgrades. */
  readonly connections: number;
}

export class UpstreamPool implements Upstream, ConnectionOwner {
  readonly limits: PoolLimits;
  readonly connector: Connector;
  readonly heads = new ResponseHeads();
  readonly memory = new ReadMemory();
  nowMs = performance.now();
  /** All connections of the pool, idle and busy. */
  readonly #connections = new Set<UpstreamConnection>();
  readonly #upgrading = new Set<UpstreamConnection>();
  readonly #idle: UpstreamConnection[] = [];
  readonly #queue = new Set<PendingRequest>();
  #sweep: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | null = null;

  constructor(connector: Connector, limits: PoolLimits) {
    this.connector = connector;
    this.limits = limits;
  }

  send(request: UpstreamRequest, handler: ResponseHandler): RequestHandle {
    const pending = this.#pending(request, undefined, handler);
    if (pending === null) return NO_HANDLE;
    const kept = this.#idle.pop();
    if (kept !== undefined && request.isRetry !== true) kept.take(pending);
    else {
      kept?.destroy();
      if (this.#connections.size < this.limits.connections) this.#open(this.#connections).take(pending);
      else this.#queue.add(pending);
    }
    return pending;
  }

  upgrade(request: UpstreamRequest, protocol: string, handler: UpgradeHandler): RequestHandle {
    const pending = this.#pending(request, protocol, handler);
    if (pending === null) return NO_HANDLE;
    this.#open(this.#upgrading).take(pending);
    return pending;
  }

  readonly giveBack = (chunk: Buffer): void => this.memory.giveBack(chunk);

  onFree(connection: UpstreamConnection): void {
    const [next] = this.#queue;
    if (next !== undefined) {
      this.#queue.delete(next);
      connection.take(next);
    } else if (this.#onEmpty !== null) connection.destroy();
    else this.#idle.push(connection);
  }

  onGone(connection: UpstreamConnection): void {
    if (this.#upgrading.delete(connection)) this.#checkEmpty();
    if (!this.#connections.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    const [next] = this.#queue;
    if (next === undefined) this.#checkEmpty();
    else {
      this.#queue.delete(next);
      this.#open(this.#connections).take(next);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      for (const connection of [...this.#idle]) connection.destroy();
      this.#checkEmpty();
    });
  }

  #pending(
    request: UpstreamRequest,
    protocol: string | undefined,
    handler: ResponseHandler,
  ): PendingRequest | null {
    try {
      if (this.#onEmpty !== null) throw new UpstreamError('POSTMETER_CLOSING', 'The gateway is stopping.');
      return new PendingRequest(request, protocol, handler, this.#leaveQueue);
    } catch (error) {
      request.body?.on('error', () => {}).destroy();
      handler.onError(error as Error);
      return null;
    }
  }

  readonly #leaveQueue = (pending: PendingRequest): void => {
    this.#queue.delete(pending);
  };

  #open(connections: Set<UpstreamConnection>): UpstreamConnection {
    if (this.#sweep === undefined) {
      this.nowMs = performance.now();
      this.#sweep = setInterval(this.#onSweep, SWEEP_MS).unref();
    }
    const connection = new UpstreamConnection(this, connections === this.#upgrading);
    connections.add(connection);
    return connection;
  }

  readonly #onSweep = (): void => {
    this.nowMs = performance.now();
    for (const connection of this.#connections) connection.check(this.nowMs);
    for (const connection of this.#upgrading) connection.check(this.nowMs);
  };

  /** Stops the sweep of an empty pool, and resolves `close`. */
  #checkEmpty(): void {
    if (this.#connections.size + this.#upgrading.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    this.#onEmpty?.();
  }
}

/** The handle of a request that failed before it was sent. */
const NO_HANDLE: RequestHandle = { abort: () => {}, resume: () => {} };
