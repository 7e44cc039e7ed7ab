/** Creates the upstream client from the configuration. */

import { createConnector, type UpstreamAddress } from './connector.ts';
import { type PoolLimits, UpstreamPool } from './pool.ts';
import type { Upstream } from './response-handler.ts';

export type UpstreamSettings = UpstreamAddress & PoolLimits;

/** @throws if the CA file cannot be read or is not valid. */
export function openUpstream(settings: UpstreamSettings): Upstream {
  return new UpstreamPool(createConnector(settings), settings);
}
