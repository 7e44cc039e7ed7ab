/** The dependencies of the gateway that follow from the configuration alone and are the same in every runtime. */

import { sha256Hex } from '../adapters/crypto/sha256-hex.ts';
import { decodeWhole } from '../adapters/node/coding/decode-whole.ts';
import { nodeDecoders } from '../adapters/node/coding/decoders.ts';
import type { AdminLog } from '../admin/port.ts';
import type { Config } from '../config/schema.ts';
import { RouteProblems } from '../count/route/problem.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { GatewayDeps } from '../exchange/deps.ts';
import { ownHeaderOf } from '../forward/client-header.ts';
import { headerClasses } from '../forward/header-names.ts';
import { createAskers } from '../identify/asker/askers.ts';
import { catalogueOf } from '../identify/asker/catalogue/catalogue.ts';
import type { AgentKnowledge, SignatureCheck } from '../identify/asker/port.ts';
import { NO_KNOWLEDGE, NO_SIGNATURES } from '../identify/asker/unchecked.ts';
import { trustedProxies } from '../identify/client-address.ts';
import { createIdentify } from '../identify/identify.ts';
import { peerReader } from '../identify/peer.ts';
import type { GatewayCounters } from '../report/gateway-counters.ts';
import { compileSubjectRules } from '../rights/request-subjects.ts';
import { termsPublisher } from '../terms/published.ts';
import { accessLog } from './logs/access-log.ts';
import { robotsLog } from './logs/robots-log.ts';
import { uncountedLog } from './logs/uncounted-log.ts';

export interface GatewayDepsOptions {
  readonly config: Config;
  readonly routes: CompiledRoutes;
  readonly upstreamUrl: string;
  /** Returns HMAC-SHA256(secret, key) in hex. */
  readonly hashKey: (key: string) => string;
  /** Default: nothing is known, and every claim of an agent stays a claim. */
  readonly knowledge?: AgentKnowledge;
  /** Default: signatures are not read. */
  readonly signatures?: SignatureCheck;
  readonly tally: GatewayCounters;
  readonly nowMs: () => number;
  /** Monotonic milliseconds. */
  readonly stopwatch: () => number;
  readonly log: Pick<AdminLog, 'info' | 'warn'>;
}

/** The dependencies that each runtime supplies itself. */
type RuntimeDeps =
  | 'directory'
  | 'total'
  | 'isTotalKnown'
  | 'firstTotal'
  | 'pace'
  | 'rates'
  | 'rights'
  | 'crossCheck'
  | 'record'
  | 'isUnmeterable'
  | 'isOverloaded';

export function gatewayDeps(options: GatewayDepsOptions): Omit<GatewayDeps, RuntimeDeps> {
  const { config, tally, nowMs } = options;
  const { agents, count, identify, upstream } = config;
  const peer = peerReader(trustedProxies(config.trustedProxies));
  const catalogue = catalogueOf(agents.catalogue);
  return {
    identify: createIdentify({
      settings: identify,
      trustedProxies: config.trustedProxies,
      hashKey: options.hashKey,
    }),
    askers: createAskers({
      catalogue,
      knowledge: options.knowledge ?? NO_KNOWLEDGE,
      signatures: options.signatures ?? NO_SIGNATURES,
      grace: agents.grace,
      settings: identify,
      peer,
      onNotHuman: (client) =>
        options.log.info(
          { client },
          'the client has taken more than identify.humanMaxPosts; its class is unknown',
        ),
    }),
    refusesInvalidSignatures: agents.signatures.onInvalid === 'refuse',
    peer,
    forward: {
      host: upstream.host,
      upstreamHost: new URL(options.upstreamUrl).host,
      classOf: headerClasses(upstream.rewritingHeaders),
      removesRanges: count.ranges === 'remove',
      offersReadable: count.encodings === 'readable',
      forwardedHeader: identify.forwardedHeader,
      isTrusted: (address) => peer(address).trusted,
      sendsForwarded: upstream.forwarded,
      sendsXForwarded: upstream.xForwarded,
      via: upstream.via === false ? null : upstream.via,
      clientHeader: upstream.clientHeader === undefined ? null : ownHeaderOf(upstream.clientHeader),
      agentHeader: upstream.agentHeader === undefined ? null : ownHeaderOf(upstream.agentHeader),
    },
    routes: options.routes,
    // The parser of the configuration has reported all problems.
    subjectRules: compileSubjectRules(config.rights.subjects, new RouteProblems()),
    decoders: nodeDecoders,
    countLimits: { maxDecodedBytes: count.maxDecodedBytes, wantsIds: count.unique },
    requestLimits: { maxBytes: count.maxRequestBytes, maxMs: count.requestTimeoutMs },
    readsForms: count.forms === 'read',
    graphql: { refusesUnreadable: count.graphql.unreadable === 'refuse', decode: decodeWhole },
    sha256Hex,
    countHeader: count.header.toLowerCase(),
    bucketSeconds: config.bucketSeconds,
    nowMs,
    tally,
    stopwatch: options.stopwatch,
    access: accessLog(config.log.access, options.log),
    terms: termsPublisher(catalogue.agents, sha256Hex),
    onRobotsFault: robotsLog(options.log, nowMs),
    onUncounted: uncountedLog(options.log, nowMs),
  };
}
