/** What the exchanges of a Worker share. */

import type { Gateway, MeteredExchange } from '../../gateway.ts';

export interface ExchangeContext {
  readonly gateway: Gateway;
  /** Scheme and host, without a path. */
  readonly upstream: string;
  readonly maxRequestBodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** A response whose usage cannot be written is not delivered. */
  readonly mustMeter: boolean;
  /** To the client of a counted WebSocket, before it must connect again. */
  readonly maxSocketBytes: number;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** An upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, metered: MeteredExchange) => void;
}
