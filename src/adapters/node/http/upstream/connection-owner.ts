/** What a connection to the upstream shares with the others, and what it reports to the pool that owns it. */

import type { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import type { ConnectionLimits } from './deadline.ts';
import type { ReadMemory } from './read-memory.ts';
import type { ResponseHeads } from './response-head.ts';

export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  readonly connector: Connector;
  readonly heads: ResponseHeads;
  readonly memory: ReadMemory;
  /** Monotonic milliseconds, at most one sweep old. */
  readonly nowMs: number;
  /** The connection can take another request. */
  onFree(connection: Connection): void;
  /** The connection can take no request any more. Called once. */
  onGone(connection: Connection): void;
}
