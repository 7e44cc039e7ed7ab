/** Wires the gateway of one isolate at its first request. Before that, a Worker may not do I/O and has no clock. */

import { waitUntil } from 'cloudflare:workers';
import type { Request, Response } from '@cloudflare/workers-types';
import { hmacKeyHash } from '../../adapters/crypto/key-hash.ts';
import { sha256 } from '../../adapters/crypto/sha256.ts';
import { importSignatureKeys } from '../../adapters/crypto/signature-keys.ts';
import {
  DIRECTORY_OBJECT,
  type EdgeBindings,
  ledgerObjectOf,
  type Objects,
  RIGHTS_OBJECT,
} from '../../adapters/durable-object/bindings.ts';
import { edgeLog } from '../../adapters/edge/log.ts';
import { memoryPace } from '../../adapters/memory/pace.ts';
import { rateLimiter } from '../../adapters/memory/rates.ts';
import { exchange } from '../../adapters/worker/exchange.ts';
import type { ExchangeContext } from '../../adapters/worker/exchange-context.ts';
import { AgentFollower } from '../../adapters/worker/followers/agent-follower.ts';
import { DirectoryFollower } from '../../adapters/worker/followers/directory-follower.ts';
import { RightsFollower } from '../../adapters/worker/followers/rights-follower.ts';
import { asInvocation, countCall } from '../../adapters/worker/invocation.ts';
import { problemResponse } from '../../adapters/worker/problem-response.ts';
import { sleep } from '../../adapters/worker/timing.ts';
import { ClientReporter } from '../../adapters/worker/usage/client-reporter.ts';
import { CountsSender } from '../../adapters/worker/usage/counts-sender.ts';
import { UsageSender } from '../../adapters/worker/usage/usage-sender.ts';
import type { AdminLog } from '../../admin/port.ts';
import { unreadyProblem } from '../../admit/problem.ts';
import { keepsTraits } from '../../callers/caller-traits.ts';
import { AT_THE_EDGE, recordedConfiguration } from '../../config/recorded.ts';
import { Gateway } from '../../gateway.ts';
import { catalogueOf } from '../../identify/asker/catalogue/catalogue.ts';
import { DirectoryResolver } from '../../identify/signature/resolver.ts';
import { GatewayCounters } from '../../report/gateway-counters.ts';
import { CountingBatches } from '../../report/routes/counting-batches.ts';
import { demandRoutes } from '../config-file.ts';
import { gatewayDeps } from '../gateway-deps.ts';
import { signatureCheckOf } from '../signatures/check.ts';
import { decidedUnder } from '../stores/decided-under.ts';
import { UsageError } from '../usage-error.ts';
import { type EdgeSettings, readSettings } from './settings.ts';
import { VERSION } from './version.ts';

interface EdgeGateway {
  readonly directory: DirectoryFollower;
  readonly agents: AgentFollower;
  readonly exchange: ExchangeContext;
  /** Cloudflare's limit of the calls of one invocation. */
  readonly maxCalls: number;
  readonly log: AdminLog;
}

/** Limit per response, because Cloudflare limits the CPU time of an invocation (30 s by default). */
const MAX_DECODED_BYTES = 128 * 1024 ** 2;

/** The gateway of this isolate. An isolate has one environment: a deployment starts new isolates. */
let opened: EdgeGateway | undefined;

export async function serve(request: Request, env: EdgeBindings): Promise<Response> {
  try {
    opened ??= open(env);
  } catch (error) {
    const reason = error instanceof UsageError ? error.message : error;
    edgeLog(env).error({ err: reason }, 'the configuration of the Worker is not valid');
    return problemResponse(unreadyProblem(500, 'misconfigured'));
  }
  const gateway = opened;
  return asInvocation(Date.now(), gateway.maxCalls, () => serveWith(gateway, request));
}

async function serveWith(gateway: EdgeGateway, request: Request): Promise<Response> {
  const ready = gateway.directory.ready();
  if (ready !== null) {
    try {
      await ready;
    } catch (error) {
      gateway.log.error(
        { err: error },
        'the directory of clients cannot be read, and this isolate has no earlier one',
      );
      return problemResponse(unreadyProblem(503, 'directory_away'));
    }
  }
  gateway.agents.refresh();
  return exchange(request, gateway.exchange);
}

/** Returns the object for one call, and counts the call. */
function calling<Methods>(objects: Objects<Methods>, name: string): Methods {
  countCall();
  return objects.getByName(name);
}

function open(env: EdgeBindings): EdgeGateway {
  const settings = readSettings(env);
  const { config } = settings;
  if (settings.upstreamUrl === undefined) {
    throw new UsageError(
      'the platform is not configured; set UPSTREAM to its URL, or upstream.url in the configuration',
    );
  }
  demandRoutes(settings);
  const log = edgeLog(env);
  const directory = new DirectoryFollower({
    object: () => calling(env.DIRECTORY, DIRECTORY_OBJECT),
    bucketSeconds: config.bucketSeconds,
    nowMs: Date.now,
    keepAlive: waitUntil,
    onError: (error) =>
      log.warn({ err: error }, 'the directory cannot be refreshed; the last one stays in use'),
  });
  const agents = new AgentFollower({
    agents: catalogueOf(config.agents.catalogue).agents,
    isOffline: config.agents.offline,
    object: () => calling(env.DIRECTORY, DIRECTORY_OBJECT),
    nowMs: Date.now,
    keepAlive: waitUntil,
    onError: (error) =>
      log.warn({ err: error }, 'agents cannot be checked by the directory object; a later request retries'),
  });
  const { upstreamUrl } = settings;
  return {
    directory,
    agents,
    log,
    maxCalls: config.edge.maxCalls,
    exchange: {
      gateway: gatewayOf(env, settings, upstreamUrl, directory, agents, log),
      upstream: new URL(upstreamUrl).origin,
      maxRequestBodyBytes: config.listen.maxRequestBodyBytes,
      headersTimeoutMs: config.upstream.headersTimeoutMs,
      bodyTimeoutMs: config.upstream.bodyTimeoutMs,
      mustMeter: config.journal.onFailure === 'refuse',
      maxSocketBytes: config.edge.maxSocketBytes,
      trustsCloudflare: config.edge.trustCloudflare,
      keepAlive: waitUntil,
      onFailure: (code, error, metered) =>
        log.warn({ code, reason: error.message, client: metered.identity.clientId }, 'the upstream failed'),
    },
  };
}

function gatewayOf(
  env: EdgeBindings,
  { config, routes }: EdgeSettings,
  upstreamUrl: string,
  directory: DirectoryFollower,
  agents: AgentFollower,
  log: AdminLog,
): Gateway {
  const { admit, bucketSeconds, edge, journal } = config;
  const reporter = new ClientReporter({
    report: (clientIds, checkInMs) => {
      const objectIds = clientIds.map((clientId) => env.CLIENTS.idFromName(clientId).toString());
      return calling(env.DIRECTORY, DIRECTORY_OBJECT).lookAfter(objectIds, checkInMs);
    },
    keepAlive: waitUntil,
    nowMs: Date.now,
    onError: (error) =>
      log.warn(
        { err: error },
        'clients with usage cannot be reported to the directory object; a later request retries',
      ),
  });
  const rights = new RightsFollower({
    object: () => calling(env.RIGHTS, RIGHTS_OBJECT),
    nowMs: Date.now,
    onError: (error) => log.warn({ err: error }, 'the rights object cannot be asked'),
  });
  const sender = new UsageSender({
    send: (sent) => calling(env.CLIENTS, sent.clientId).record(sent),
    ask: (clientId, windowMs) => calling(env.CLIENTS, clientId).total(clientId, windowMs),
    firstWaitMs: admit.firstRequestWaitMs,
    decidedUnder: () => decidedUnder(directory.current, rights, Date.now()),
    windowMsOf: (clientId) => directory.current.windowMsOf(clientId, Date.now()),
    configuration: { hash: recordedConfiguration(config, sha256).hash, version: VERSION + AT_THE_EDGE },
    keepAlive: waitUntil,
    newProducerId: () => crypto.randomUUID(),
    durability: edge.durability,
    onFailure: journal.onFailure,
    onTaken: (clientId) => reporter.onTaken(clientId),
    onGiveUp: (client, responses, error) =>
      log.error({ client, responses, err: error }, GIVEN_UP[journal.onFailure]),
    onForgotten: (client, posts) =>
      log.error(
        { client, posts },
        'usage is lost: it could not be sent, and the isolate has no room to keep it',
      ),
    bucketSeconds,
    nowMs: Date.now,
  });
  const tally = new GatewayCounters();
  const counts = countsSender(env, tally, log, (clientId) =>
    keepsTraits(directory.current.tariffOf(clientId, Date.now()), sender.total(clientId, Date.now()).posts),
  );
  const signers = new DirectoryResolver({
    resolve: (signer, knownMs) => calling(env.DIRECTORY, DIRECTORY_OBJECT).signerDirectory(signer, knownMs),
    importKeys: importSignatureKeys,
    // The task starts once the request has been forwarded.
    defer: (task) => waitUntil(sleep(0).then(task)),
    nowMs: Date.now,
    onDropped: () => tally.signatures.directoryDropped(),
    onError: (error) =>
      log.warn({ err: error }, 'the directory of a signer cannot be read; a later request retries'),
  });
  const stages = gatewayDeps({
    config,
    routes,
    upstreamUrl,
    hashKey: (key) => hmacKeyHash(directory.keySecret)(key),
    knowledge: agents.knowledge,
    signatures: signatureCheckOf({
      settings: config.agents.signatures,
      keys: signers.directories,
      counts: tally.signatures,
      nowMs: Date.now,
      log,
    }),
    tally,
    nowMs: Date.now,
    // The runtime's clock only advances when a request does I/O.
    stopwatch: Date.now,
    log,
  });
  const maxDecodedBytes = Math.min(stages.countLimits.maxDecodedBytes, MAX_DECODED_BYTES);
  return new Gateway({
    ...stages,
    countLimits: { ...stages.countLimits, maxDecodedBytes },
    directory: () => directory.current,
    total: (clientId, nowMs) => sender.total(clientId, nowMs),
    isTotalKnown: (clientId) => sender.isKnown(clientId, Date.now()),
    firstTotal: (clientId, nowMs) => sender.firstTotal(clientId, nowMs),
    rates: rateLimiter(),
    rights,
    pace: config.pace === undefined ? null : memoryPace(config.pace),
    // Its parsers would be a fifth of the bundle, and its CPU time is billed. Node checks the same counters.
    crossCheck: null,
    record: (usage, released) => {
      sender.record(usage, released);
      counts.schedule();
    },
    isUnmeterable: (clientId) => journal.onFailure === 'refuse' && sender.isFailing(clientId),
    // The runtime limits the requests of an isolate.
    isOverloaded: () => false,
  });
}

function countsSender(
  env: EdgeBindings,
  tally: GatewayCounters,
  log: AdminLog,
  keepsCaller: (clientId: string) => boolean,
): CountsSender {
  const source = crypto.randomUUID();
  const counts = {
    takeRoutes: () => tally.routes.take(),
    takePaths: () => tally.paths.take(),
    takeCallers: (isEndOfDay: boolean) => tally.callers.take(keepsCaller, isEndOfDay),
    takeExposure: (isEndOfHour: boolean) => tally.exposure.take(isEndOfHour),
  };
  return new CountsSender({
    batches: new CountingBatches(source, counts, Date.now()),
    send: (batch) => calling(env.LEDGER, ledgerObjectOf(source)).count(batch),
    keepAlive: waitUntil,
    nowMs: Date.now,
    onError: (error) => log.warn({ err: error }, 'counts by route cannot be stored; a later request retries'),
  });
}

const GIVEN_UP = {
  serve: 'usage could not be sent to its object; the responses are delivered, and later requests retry',
  refuse:
    'usage could not be sent to its object; the responses are refused or aborted, and later requests retry',
};
