/** The settings and callbacks that the exchanges of a Worker share. */

import type { MeteredExchange } from '../../exchange/metered-exchange.ts';
import type { Gateway } from '../../gateway.ts';

export interface ExchangeContext {
  readonly gateway: Gateway;
  /** Scheme and host, without a path. */
  readonly upstream: string;
  readonly maxRequestBodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** True if a response whose usage cannot be written must not be delivered. */
  readonly mustMeter: boolean;
  /** Limit of the bytes to the client of a counted WebSocket. The client must reconnect then. */
  readonly maxSocketBytes: number;
  /** True if Cloudflare's category of a verified bot confirms a claim of that category. */
  readonly trustsCloudflare: boolean;
  /** Keeps the current request alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** The upstream failed. `code` is stable. */
  readonly onFailure: (code: string, error: Error, metered: MeteredExchange) => void;
}
