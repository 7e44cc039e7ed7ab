/** Wires the gateway of one isolate, with its first request: before that a Worker may neither do I/O nor tell time. */

import { waitUntil } from 'cloudflare:workers';
import type { Request, Response } from '@cloudflare/workers-types';
import { hmacKeyHash } from '../../adapters/crypto/key-hash.ts';
import { sha256 } from '../../adapters/crypto/sha256.ts';
import {
  DIRECTORY_OBJECT,
  type EdgeBindings,
  ledgerObjectOf,
  type Objects,
} from '../../adapters/durable-object/bindings.ts';
import { edgeLog } from '../../adapters/edge/log.ts';
import { memoryPace } from '../../adapters/memory/pace.ts';
import { rateLimiter } from '../../adapters/memory/rates.ts';
import { DirectoryFollower } from '../../adapters/worker/directory-follower.ts';
import { exchange } from '../../adapters/worker/exchange.ts';
import type { ExchangeContext } from '../../adapters/worker/exchange-context.ts';
import { asInvocation, countCall } from '../../adapters/worker/invocation.ts';
import { problemResponse } from '../../adapters/worker/problem-response.ts';
import { CountsSender } from '../../adapters/worker/usage/counts-sender.ts';
import { Upkeep } from '../../adapters/worker/usage/upkeep.ts';
import { UsageSender } from '../../adapters/worker/usage/usage-sender.ts';
import type { AdminLog } from '../../admin/port.ts';
import { unreadyProblem } from '../../admit/problem.ts';
import { AT_THE_EDGE, recordedConfiguration } from '../../config/recorded.ts';
import { Gateway } from '../../gateway.ts';
import { CountingBatches } from '../../report/routes/counting-batches.ts';
import { Tally } from '../../report/tally.ts';
import { demandRoutes } from '../config-file.ts';
import { configuredStages } from '../configured-stages.ts';
import { UsageError } from '../usage-error.ts';
import { type EdgeSettings, readSettings } from './settings.ts';
import { VERSION } from './version.ts';

interface EdgeGateway {
  readonly directory: DirectoryFollower;
  readonly exchange: ExchangeContext;
  /** Calls that Cloudflare lets one invocation make. */
  readonly maxCalls: number;
  readonly log: AdminLog;
}

/** Of one response. Decoding and reading takes CPU time, which Cloudflare limits for each invocation (30 s by default). */
const MAX_DECODED_BYTES = 128 * 1024 ** 2;

/** Of this isolate, which has one environment for as long as it lives: what is deployed anew begins in new ones. */
let opened: EdgeGateway | undefined;

export async function serve(request: Request, env: EdgeBindings): Promise<Response> {
  try {
    opened ??= open(env);
  } catch (error) {
    const reason = error instanceof UsageError ? error.message : error;
    edgeLog(env).error({ err: reason }, 'the Worker is not configured as it must be');
    return problemResponse(unreadyProblem(500, 'misconfigured'));
  }
  const gateway = opened;
  return asInvocation(Date.now(), gateway.maxCalls, () => serveBy(gateway, request));
}

async function serveBy(gateway: EdgeGateway, request: Request): Promise<Response> {
  const ready = gateway.directory.ready();
  if (ready !== null) {
    try {
      await ready;
    } catch (error) {
      gateway.log.error({ err: error }, 'the directory of clients cannot be read, and this isolate has none');
      return problemResponse(unreadyProblem(503, 'directory_away'));
    }
  }
  return exchange(request, gateway.exchange);
}

/** The object, for one call. */
function called<Methods>(objects: Objects<Methods>, name: string): Methods {
  countCall();
  return objects.getByName(name);
}

function open(env: EdgeBindings): EdgeGateway {
  const settings = readSettings(env);
  const { config } = settings;
  if (settings.upstreamUrl === undefined) {
    throw new UsageError(
      'no platform is named; set UPSTREAM to its URL, or upstream.url in the configuration',
    );
  }
  demandRoutes(settings);
  const log = edgeLog(env);
  const directory = new DirectoryFollower({
    object: () => called(env.DIRECTORY, DIRECTORY_OBJECT),
    bucketSeconds: config.bucketSeconds,
    nowMs: Date.now,
    keepAlive: waitUntil,
    onError: (error) =>
      log.warn({ err: error }, 'the directory cannot be refreshed; going on with the last one'),
  });
  const { upstreamUrl } = settings;
  return {
    directory,
    log,
    maxCalls: config.edge.maxCalls,
    exchange: {
      gateway: gatewayOf(env, settings, upstreamUrl, directory, log),
      upstream: new URL(upstreamUrl).origin,
      maxRequestBodyBytes: config.listen.maxRequestBodyBytes,
      headersTimeoutMs: config.upstream.headersTimeoutMs,
      bodyTimeoutMs: config.upstream.bodyTimeoutMs,
      mustMeter: config.journal.onFailure === 'refuse',
      maxSocketBytes: config.edge.maxSocketBytes,
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
  log: AdminLog,
): Gateway {
  const { admit, bucketSeconds, edge, journal } = config;
  const upkeep = new Upkeep({
    lookAfter: (clientIds, inMs) => {
      const objectIds = clientIds.map((clientId) => env.CLIENTS.idFromName(clientId).toString());
      return called(env.DIRECTORY, DIRECTORY_OBJECT).lookAfter(objectIds, inMs);
    },
    keepAlive: waitUntil,
    nowMs: Date.now,
    onError: (error) =>
      log.warn(
        { err: error },
        'clients with usage cannot be reported to the directory object; they are reported again later',
      ),
  });
  const sender = new UsageSender({
    send: (sent) => called(env.CLIENTS, sent.clientId).record(sent),
    ask: (clientId, windowMs) => called(env.CLIENTS, clientId).total(clientId, windowMs),
    firstWaitMs: admit.firstRequestWaitMs,
    windowMsOf: (clientId) => directory.current.windowMsOf(clientId, Date.now()),
    configuration: { hash: recordedConfiguration(config, sha256).hash, version: VERSION + AT_THE_EDGE },
    keepAlive: waitUntil,
    newSender: () => crypto.randomUUID(),
    durability: edge.durability,
    onFailure: journal.onFailure,
    onTaken: (clientId) => upkeep.took(clientId),
    onGiveUp: (client, responses, error) =>
      log.error({ client, responses, err: error }, GIVEN_UP[journal.onFailure]),
    onForgotten: (client, posts) =>
      log.error({ client, posts }, 'usage is lost: it could not be sent, and there is no room to keep it'),
    bucketSeconds,
    nowMs: Date.now,
  });
  const tally = new Tally();
  const counts = countsSender(env, tally, log);
  const stages = configuredStages({
    config,
    routes,
    upstreamUrl,
    hashKey: (key) => hmacKeyHash(directory.keySecret)(key),
    tally,
    nowMs: Date.now,
    // Time stands still within a request until it does I/O.
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
    pace: config.pace === undefined ? null : memoryPace(config.pace),
    // Its parsers are a fifth of the bundle, and its time would be the platform's bill: Node checks the same counters.
    crossCheck: null,
    record: (usage, released) => {
      sender.record(usage, released);
      counts.later();
    },
    isUnmeterable: (clientId) => journal.onFailure === 'refuse' && sender.isFailing(clientId),
    // How many run in one isolate is the runtime's own affair.
    isOverloaded: () => false,
  });
}

function countsSender(env: EdgeBindings, tally: Tally, log: AdminLog): CountsSender {
  const source = crypto.randomUUID();
  const counts = { takeRoutes: () => tally.routes.take(), takePaths: () => tally.paths.take() };
  return new CountsSender({
    batches: new CountingBatches(source, counts, Date.now()),
    send: (batch) => called(env.LEDGER, ledgerObjectOf(source)).count(batch),
    keepAlive: waitUntil,
    nowMs: Date.now,
    onError: (error) =>
      log.warn({ err: error }, 'counts by route cannot be stored now; they are offered again'),
  });
}

const GIVEN_UP = {
  serve: 'usage could not be sent to its object; the responses are delivered, and it is sent again later',
  refuse:
    'usage could not be sent to its object; the responses are refused or broken off, and it is sent again later',
};
