/** Wires the gateway on Node: the Hono app, the sockets to clients and the connections to the platform. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { hmacKeyHash } from '../adapters/crypto/key-hash.ts';
import { mayUpgrade, serveWithoutUpgrade } from '../adapters/node/http/decline-upgrade.ts';
import { GatewayHandler } from '../adapters/node/http/gateway-handler.ts';
import { answerHealth } from '../adapters/node/http/health-path.ts';
import { inFlightResponse } from '../adapters/node/http/open-connections.ts';
import { drainServer, guarded, listen, openServer, stopServer } from '../adapters/node/http/server.ts';
import { TurnScheduler } from '../adapters/node/http/turn-scheduler.ts';
import { openUpstream } from '../adapters/node/http/upstream/open.ts';
import type { PaceLimiter, RateLimiter } from '../admit/port.ts';
import { createApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { CrossCheck } from '../count/cross-check.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { Gateway } from '../gateway.ts';
import type { AgentKnowledge, SignatureCheck } from '../identify/asker/port.ts';
import type { Directory } from '../identify/directory.ts';
import type { GatewayCounters } from '../report/gateway-counters.ts';
import type { RightsLookup } from '../rights/port.ts';
import { gatewayDeps } from './gateway-deps.ts';
import type { Logger } from './logs/log.ts';
import { logOverload } from './logs/overload-log.ts';
import { redactTarget } from './logs/redact-target.ts';
import type { Metering } from './metering.ts';

export interface GatewayListenerOptions {
  readonly config: Config;
  readonly routes: CompiledRoutes;
  readonly upstreamUrl: string;
  readonly keySecret: Buffer;
  readonly directory: () => Directory;
  readonly metering: Metering;
  readonly pace: PaceLimiter | null;
  readonly rates: RateLimiter;
  /** Default: signatures are not read. */
  readonly signatures?: SignatureCheck;
  readonly rights: RightsLookup;
  readonly knowledge: AgentKnowledge;
  readonly tally: GatewayCounters;
  /** The metering clock: epoch milliseconds. */
  readonly nowMs: () => number;
  readonly port: number;
  readonly host: string | undefined;
  /** Returns why this process should receive no traffic; null if it can serve. */
  readonly unreadiness: () => string | null;
  readonly log: Logger;
}

export interface GatewayListener {
  readonly port: number;
  /** Applies another configuration to later requests. Requests in flight keep theirs. */
  use(loaded: Pick<GatewayListenerOptions, 'config' | 'routes'>): void;
  /** From now on, responses close their connections. */
  drain(): void;
  /** Accepts no more connections and finishes requests in flight, for at most `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export async function startGateway(options: GatewayListenerOptions): Promise<GatewayListener> {
  const { config, log } = options;
  const upstream = openUpstream({ ...config.upstream, url: options.upstreamUrl });
  const onFault = (error: Error): void =>
    log.error({ err: error }, 'unexpected error; the connection of this request is closed');
  let gateway = gatewayOf(options);
  const handler = new GatewayHandler({
    get gateway() {
      return gateway;
    },
    upstream,
    turnScheduler: new TurnScheduler(),
    tally: options.tally,
    maxRequestBodyBytes: config.listen.maxRequestBodyBytes,
    onFailure: (code, error, metered) =>
      log.warn({ code, reason: error.message, client: metered.identity.clientId }, 'the upstream failed'),
    onFault,
  });

  const { healthPath } = config.listen;
  const health = healthPath === undefined ? null : { path: healthPath, unreadiness: options.unreadiness };
  const app = createApp<{ Bindings: HttpBindings }>((c) => {
    if (!answerHealth(health, c.env.incoming, c.env.outgoing)) handler.handle(c.env.incoming, c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  // The listener of @hono/node-server would build a request and read a response, which are not used: 5 % of all CPU or more.
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    app.fetch(UNREAD_REQUEST, { incoming, outgoing });
  };
  const server = openServer(config.listen, guarded(listener, onFault), (error) =>
    log.error({ err: error }, 'the new certificate cannot be used; the old one remains in use'),
  );
  server.on('drop', () => options.tally.droppedConnection());
  server.on('checkContinue', (incoming, outgoing) => handler.handle(incoming, outgoing, true));
  const upgrade = (incoming: IncomingMessage, socket: Socket, head: Buffer): void => {
    // The client pipelined the upgrade behind a request in flight, so the position of the switch is unknown.
    if (inFlightResponse(socket) !== null) socket.destroy();
    else if (mayUpgrade(incoming)) handler.upgrade(incoming, socket, head);
    else serveWithoutUpgrade(server, incoming, socket, head);
  };
  server.on('upgrade', guarded(upgrade, onFault));
  const port = await listen(server, options.port, options.host);
  const stopLoadLog = logOverload(options.tally, log);
  return {
    port,
    use: (loaded) => {
      gateway = gatewayOf({ ...options, ...loaded });
    },
    drain: () => drainServer(server),
    stop: async (timeoutMs) => {
      await stopServer(server, timeoutMs);
      await upstream.close();
      stopLoadLog();
    },
  };
}

/** The app routes every method and path alike, and the handler reads Node's request instead. */
const UNREAD_REQUEST = new Request('http://localhost/');

function gatewayOf(options: GatewayListenerOptions): Gateway {
  const { config, metering, directory, tally } = options;
  return new Gateway({
    ...gatewayDeps({
      ...options,
      stopwatch: () => performance.now(),
      hashKey: hmacKeyHash(options.keySecret),
    }),
    directory,
    total: (clientId, nowMs) => metering.totals.total(clientId, nowMs),
    isTotalKnown: (clientId) => metering.totals.isKnown(clientId),
    firstTotal: (clientId, nowMs) => metering.totals.firstWait(clientId, nowMs),
    pace: options.pace,
    rates: options.rates,
    rights: options.rights,
    crossCheck: crossCheckOf(options),
    record: (usage, released) => metering.meter.record(usage, released),
    isOverloaded: () =>
      tally.inFlight() > config.listen.maxRequests || tally.waiting() >= config.upstream.maxQueued,
    isUnmeterable: () => config.journal.onFailure === 'refuse' && metering.isFailing(),
  });
}

/** Defers the second count to the end of the turn. By then the response is sent, so only others are delayed. */
function crossCheckOf({ config, tally, log }: GatewayListenerOptions): CrossCheck | null {
  if (config.count.crossCheck === false) return null;
  return new CrossCheck({
    ...config.count.crossCheck,
    defer: (run) => void setImmediate(run),
    report: (checked) => {
      const isEqual = checked.recounted === checked.posts;
      tally.crossCheck(checked.route, isEqual);
      const fields = { ...checked, target: redactTarget(checked.target) };
      if (!isEqual) log.error(fields, 'the second count of a response differs from the first');
    },
  });
}
