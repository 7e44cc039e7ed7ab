/** Postmeter on Node: opens the ledger, then starts metering, billing, the gateway and the administration on it. */

import { v7 as uuidv7 } from 'uuid';
import { memoryPace } from '../adapters/memory/pace.ts';
import { advisoryLead, processLead } from '../adapters/postgres/billing-leader.ts';
import { postgresBillingLedger } from '../adapters/postgres/billing-ledger.ts';
import { postgresCountingLedger } from '../adapters/postgres/counting/counting-ledger.ts';
import { openRedisPace } from '../adapters/redis/pace.ts';
import type { PaceLimiter } from '../admit/port.ts';
import type { BillingRules } from '../invoice/port.ts';
import { Tally } from '../report/tally.ts';
import { startAdministration } from './administration.ts';
import { startBillingJob } from './billing-job.ts';
import { startClock } from './clock.ts';
import type { LoadedConfig } from './config-file.ts';
import { startCounting } from './counting.ts';
import { followDirectory } from './directory-follower.ts';
import type { Environment } from './environment.ts';
import { startGateway } from './gateway-listener.ts';
import { type OpenLedger, openLedger } from './ledger.ts';
import type { Logger } from './log.ts';
import { startMetering } from './metering.ts';
import { UsageError } from './usage-error.ts';

export interface RunningPostmeter {
  readonly port: number;
  readonly adminPort: number;
  /** Finishes the requests under way, ships the usage, ends everything. */
  stop(): Promise<void>;
}

/** How long usage may take to reach the ledger at a stop; what does not stays in the journal. */
const SHIP_AT_STOP_MS = 10_000;
const ADMIN_STOP_MS = 1_000;

export async function startNode(
  env: Environment,
  loaded: LoadedConfig,
  log: Logger,
): Promise<RunningPostmeter> {
  const { config, routes } = loaded;
  const upstreamUrl = env.UPSTREAM ?? config.upstream.url;
  if (upstreamUrl === undefined) {
    throw new UsageError(
      'no platform is named; set UPSTREAM to its URL, or upstream.url in the configuration',
    );
  }
  const ledger = await openLedger(env);
  const keySecret = await ledger.directory.keySecret();
  const directory = await followDirectory(ledger.directory, config.bucketSeconds, log);
  const shared = { config, log, directory: directory.current };
  const isEmbedded = ledger.kind === 'pglite';
  const clock = await startClock({ ledger: ledger.usage, config, isEmbedded, log });
  const { nowMs } = clock.timing;
  const metering = await startMetering({
    ...shared,
    dataDir: env.DATA_DIR,
    redisUrl: env.REDIS_URL,
    ledger: ledger.usage,
    timing: clock.timing,
    onResumed: clock.resume,
  });

  const rules: BillingRules = {
    bucketSeconds: config.bucketSeconds,
    latenessMs: config.billing.latenessSeconds * 1000,
    approval: config.billing.approval,
  };
  const billingLedger = postgresBillingLedger(ledger.db, { rules, lead: leadOf(ledger), now: nowMs });
  const billing = startBillingJob({
    ledger: billingLedger,
    rules,
    intervalMs: config.billing.intervalSeconds * 1000,
    newId: uuidv7,
    nowMs,
    log,
  });

  const pace = openPace(env, loaded, log);
  const tally = new Tally();
  const counting = startCounting({
    ledger: postgresCountingLedger(ledger.db),
    tally,
    source: uuidv7(),
    nowMs,
    log,
  });
  const gateway = await startGateway({
    ...shared,
    routes,
    upstreamUrl,
    keySecret,
    metering,
    pace,
    tally,
    nowMs,
    port: env.PORT,
    host: env.HOST,
  });
  const administration = await startAdministration({
    ledger,
    billing: billingLedger,
    figures: {
      gateway: tally,
      billing: billing.figures,
      clock: clock.figures,
      routes: counting.watch,
      ...metering.figures,
    },
    shipCounts: () => counting.ship(),
    routeNames: () => routes.rules.map(({ name }) => name),
    checks: {
      ledger: async () => (metering.figures.ledger.reachable() ? null : 'the ledger does not answer'),
      journal: async () => (metering.isFailing() ? 'usage cannot be written to the journal' : null),
    },
    // All gateways whose clock is compared with a wrong one would go out of service at once, and each meters rightly.
    warnings: {
      journal: async () => metering.damage(),
      clock: async () => clock.fault(),
      routes: async () => counting.watch.warning(),
    },
    adminToken: env.ADMIN_TOKEN,
    keySecret,
    bucketSeconds: config.bucketSeconds,
    nowMs,
    host: env.ADMIN_HOST,
    port: env.ADMIN_PORT,
    log,
  });

  return {
    port: gateway.port,
    adminPort: administration.port,
    stop: () =>
      inOrder([
        () => gateway.stop(config.listen.stopTimeoutMs),
        // Before billing, whose work on one client may take a while: a supervisor may kill the process meanwhile.
        () => metering.stop(SHIP_AT_STOP_MS),
        () => counting.stop(),
        () => billing.stop(),
        () => administration.stop(ADMIN_STOP_MS),
        () => clock.stop(),
        async () => pace?.close(),
        () => directory.stop(),
        () => ledger.close(),
      ]),
  };
}

/** A step that fails must not keep the next ones from running: usage is shipped whatever the sockets do. */
async function inOrder(steps: ReadonlyArray<() => Promise<void>>): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `the stop failed: ${failures.join('; ')}`);
}

function leadOf({ connection }: OpenLedger) {
  return connection.kind === 'postgres' ? advisoryLead(connection) : processLead();
}

function openPace(env: Environment, { config }: LoadedConfig, log: Logger): PaceLimiter | null {
  if (config.pace === undefined) return null;
  if (env.REDIS_URL === undefined) return memoryPace(config.pace);
  return openRedisPace({
    url: env.REDIS_URL,
    limit: config.pace,
    onError: (error) => log.debug({ err: error }, 'the pace limiter cannot reach Redis'),
  });
}
