/** A platform whose bytes the test writes itself, and a handler that records what the upstream client reports. */

import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createConnector } from '../../../../../src/adapters/node/http/upstream/connector.ts';
import { type PoolLimits, UpstreamPool } from '../../../../../src/adapters/node/http/upstream/pool.ts';
import type {
  UpgradeHandler,
  UpstreamRequest,
} from '../../../../../src/adapters/node/http/upstream/response-handler.ts';
import { startByteOrigin } from '../../../../support/origins/bytes.ts';
import type { Origin } from '../../../../support/origins/listening.ts';

export interface Platform {
  /** Called for each read of each connection. */
  onBytes: (socket: Socket, text: string) => void;
  /** Connections so far. */
  connections: number;
  pool(limits?: Partial<PoolLimits>): UpstreamPool;
}

/** Runs for the tests of a file. */
export function startPlatform(): Platform {
  let origin: Origin;
  beforeAll(async () => {
    origin = await startByteOrigin((socket) => {
      platform.connections++;
      socket.on('data', (bytes) => platform.onBytes(socket, bytes.toString('latin1')));
    });
  });
  // Bytes that a test has sent and the platform has not read yet must not reach the next test.
  afterEach(() => origin.disconnect());
  afterAll(() => origin.stop());
  const platform: Platform = {
    onBytes: () => {},
    connections: 0,
    pool(limits = {}) {
      // A busy machine may stop the process for several seconds.
      const timeouts = { connectTimeoutMs: 60_000, headersTimeoutMs: 60_000, bodyTimeoutMs: 60_000 };
      const connector = createConnector({ url: origin.url });
      return new UpstreamPool(connector, { connections: 4, ...timeouts, ...limits });
    },
  };
  return platform;
}

export const GET: UpstreamRequest = { method: 'GET', path: '/', headers: ['Host', 'a'], body: null };

/** The outcome of a request. */
export interface Outcome {
  readonly connected: boolean;
  readonly informational: readonly number[];
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[] | null;
  readonly error: (Error & { readonly code?: string; readonly cause?: unknown }) | null;
}

export class Recorder implements UpgradeHandler {
  readonly ended: Promise<Outcome>;
  readonly switched: Promise<{ headers: string[]; socket: Socket; head: Buffer }>;
  /** True if `onData` requests a pause. */
  pauses = false;
  connected = false;
  readonly informational: number[] = [];
  status = 0;
  reason = '';
  headers: string[] = [];
  body = '';
  #end!: (outcome: Outcome) => void;
  #switch!: (switched: { headers: string[]; socket: Socket; head: Buffer }) => void;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.switched = new Promise((resolve) => {
      this.#switch = resolve;
    });
  }

  onConnect(): void {
    this.connected = true;
  }

  onHeaders(status: number, reason: string, headers: string[]): void {
    if (status < 200) this.informational.push(status);
    else Object.assign(this, { status, reason, headers });
  }

  onData(chunk: Buffer): boolean {
    this.body += chunk.toString('latin1');
    return !this.pauses;
  }

  onComplete(trailers: string[]): void {
    this.#end({ ...this, trailers, error: null });
  }

  onError(error: Error): void {
    this.#end({ ...this, trailers: null, error });
  }

  onUpgrade(headers: string[], socket: Socket, head: Buffer): void {
    socket.on('error', () => {});
    this.#switch({ headers, socket, head });
  }
}
