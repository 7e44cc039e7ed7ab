/** What the configuration alone says of the gateway's stages: the same in every runtime. */

import { nodeDecoders } from '../adapters/node/decoders.ts';
import { sha256Hex } from '../adapters/node/sha256-hex.ts';
import type { AdminLog } from '../admin/port.ts';
import type { Config } from '../config/schema.ts';
import { CrossCheck } from '../count/cross-check.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { clientHeaderOf } from '../forward/client-header.ts';
import type { GatewayDeps } from '../gateway.ts';
import { trustedProxies } from '../identify/client-address.ts';
import { createIdentify } from '../identify/identify.ts';
import { peerReader } from '../identify/peer.ts';
import type { Tally } from '../report/tally.ts';
import { loggedTarget } from './logged-target.ts';
import { uncountedLog } from './uncounted-log.ts';

export interface StagesOptions {
  readonly config: Config;
  readonly routes: CompiledRoutes;
  readonly upstreamUrl: string;
  /** Hex of HMAC-SHA256(secret, key). */
  readonly hashKey: (key: string) => string;
  /** Runs it when the response is on its way. */
  readonly defer: (run: () => void) => void;
  readonly tally: Tally;
  readonly nowMs: () => number;
  readonly log: Pick<AdminLog, 'warn' | 'error'>;
}

type Metering = 'directory' | 'total' | 'isTotalKnown' | 'pace' | 'record' | 'isUnmeterable' | 'isOverloaded';

export function configuredStages(options: StagesOptions): Omit<GatewayDeps, Metering> {
  const { config, tally, nowMs } = options;
  const { count, identify, upstream } = config;
  return {
    identify: createIdentify({
      settings: identify,
      trustedProxies: config.trustedProxies,
      hashKey: options.hashKey,
    }),
    peer: peerReader(trustedProxies(config.trustedProxies)),
    forward: {
      host: upstream.host,
      upstreamHost: new URL(options.upstreamUrl).host,
      via: upstream.via === false ? null : upstream.via,
      clientHeader: upstream.clientHeader === undefined ? null : clientHeaderOf(upstream.clientHeader),
    },
    routes: options.routes,
    decoders: nodeDecoders,
    countLimits: { maxDecodedBytes: count.maxDecodedBytes, wantsIds: count.unique },
    crossCheck: crossCheckOf(options),
    sha256Hex,
    countHeader: count.header.toLowerCase(),
    bucketSeconds: config.bucketSeconds,
    nowMs,
    tally,
    onUncounted: uncountedLog(options.log, nowMs),
  };
}

/** Deferred, the second count delays other responses, but not this one. */
function crossCheckOf({ config, tally, log, defer }: StagesOptions): CrossCheck | null {
  if (config.count.crossCheck === false) return null;
  return new CrossCheck({
    ...config.count.crossCheck,
    defer,
    report: (checked) => {
      const isEqual = checked.recounted === checked.posts;
      tally.sawCrossCheck(checked.route, isEqual);
      const told = { ...checked, target: loggedTarget(checked.target) };
      if (!isEqual) log.error(told, 'a second count of a response differs from the first');
    },
  });
}
