/** Postmeter on Node: opens the ledger, then starts metering, billing, the gateway and the admin API. */

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { memoryPace } from '../adapters/memory/pace.ts';
import { rateLimiter } from '../adapters/memory/rates.ts';
import { fileNumberRegister } from '../adapters/node/number-register.ts';
import { processLead, type StandingLead, standingLead } from '../adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../adapters/postgres/billing/ledger.ts';
import { postgresCountingLedger } from '../adapters/postgres/counting/counting-ledger.ts';
import { postgresDirectories } from '../adapters/postgres/rights/directories.ts';
import { ledgerRightsSource } from '../adapters/postgres/rights/source.ts';
import { whatIfWork } from '../adapters/postgres/whatif/work.ts';
import { openRedisPace, openRedisRates } from '../adapters/redis/pace.ts';
import { LEDGER_AWAY } from '../admin/problem.ts';
import type { PaceLimiter, RateLimiter } from '../admit/port.ts';
import { keepsTraits } from '../callers/caller-traits.ts';
import { billingRulesOf } from '../config/billing-rules.ts';
import { reloadConfig } from '../config/reload.ts';
import { sessionLimitsOf } from '../config/session-limits.ts';
import { catalogueOf } from '../identify/asker/catalogue/catalogue.ts';
import { STRANGER_LIMITS } from '../identify/public-fetch.ts';
import { isBillingStalled } from '../notify/condition.ts';
import { GatewayCounters } from '../report/gateway-counters.ts';
import { type AdminListener, administrationOf, listenForAdministration } from './administration.ts';
import { agentDesk } from './agents/desk.ts';
import { startAgentKnowledge } from './agents/knowledge.ts';
import { nodeAgentAccess } from './agents/node-access.ts';
import { openMailer, startAlerts } from './alerts/alerts.ts';
import { claimWatch } from './billing/claim-watch.ts';
import { startBillingJob } from './billing/job.ts';
import { totalsRefresher } from './billing/totals-refresher.ts';
import { startClock } from './clock.ts';
import { demandRoutes, type LoadedConfig } from './config-file.ts';
import { startCounting } from './counting.ts';
import { documentsAfterRun } from './documents/after-run.ts';
import { documentDesk } from './documents/desk.ts';
import { nodePress } from './documents/press.ts';
import { documentWorks } from './documents/works.ts';
import type { Environment } from './environment.ts';
import { startGateway } from './gateway-listener.ts';
import type { Logger } from './logs/log.ts';
import { startMetering } from './metering.ts';
import { platformAt } from './probe/platform.ts';
import { startSignatures } from './signatures/signatures.ts';
import { releaseStartMemory } from './start-memory.ts';
import { openingLine, startedFields } from './startup.ts';
import { decidedUnder } from './stores/decided-under.ts';
import { followDirectory } from './stores/directory-follower.ts';
import { type OpenLedger, openLedger } from './stores/ledger.ts';
import { followRights } from './stores/rights-follower.ts';
import { termsDesk } from './terms/desk.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';
import { whatIfJob } from './what-ifs/job.ts';

export interface RunningPostmeter {
  readonly port: number;
  readonly adminPort: number;
  /** Applies the reloadable fields of another configuration. Throws `UsageError` and changes nothing if it lacks routes. */
  reload(next: LoadedConfig): void;
  /**
   * Finishes requests in flight, ships the usage and closes everything.
   * @param drains first fails readiness for `listen.drainSeconds`, so that load balancers stop sending. Default: false.
   */
  stop(drains?: boolean): Promise<void>;
}

/** Time allowed for shipping usage at shutdown. The rest stays in the journal. */
const SHIP_AT_STOP_MS = 10_000;
const ADMIN_STOP_MS = 1_000;
const UNWRITABLE = 'usage cannot be written to the journal';

export interface NodeOptions {
  /** How far billing's clock is ahead of the metering clock, in milliseconds. Only the demo sets it. Default: 0. */
  readonly billingAheadMs?: () => number;
}

export async function startNode(
  env: Environment,
  loaded: LoadedConfig,
  log: Logger,
  options: NodeOptions = {},
): Promise<RunningPostmeter> {
  const { config } = loaded;
  const upstreamUrl = env.UPSTREAM ?? config.upstream.url;
  if (upstreamUrl === undefined) {
    throw new UsageError(
      'the URL of the platform is missing; set UPSTREAM, or upstream.url in the configuration',
    );
  }
  demandRoutes(loaded);
  const listener = await listenForAdministration(env.ADMIN_HOST, env.ADMIN_PORT);
  log.info({ adminPort: listener.port }, openingLine(env));
  try {
    return await startOn(env, loaded, upstreamUrl, listener, log, options);
  } catch (error) {
    await listener.stop(0);
    throw error;
  }
}

async function startOn(
  env: Environment,
  loaded: LoadedConfig,
  upstreamUrl: string,
  listener: AdminListener,
  log: Logger,
  { billingAheadMs = () => 0 }: NodeOptions,
): Promise<RunningPostmeter> {
  const { config } = loaded;
  let current = loaded;
  let isStopping = false;
  const mail = openMailer(env.SMTP_URL, config);
  const ledger = await openLedger(env);
  const keySecret = await ledger.directory.keySecret();
  const directory = await followDirectory(ledger.directory, config.bucketSeconds, log);
  const shared = { config, log, directory: directory.current };
  const isEmbedded = ledger.kind === 'pglite';
  const clock = await startClock({ ledger: ledger.usage, config, isEmbedded, log });
  const { nowMs } = clock.timing;
  const startedAtMs = nowMs();
  const rights = await followRights({
    source: ledgerRightsSource(ledger.connection),
    maxSubjects: config.rights.maxSubjects,
    timing: clock.timing,
    log,
  });
  const metering = await startMetering({
    ...shared,
    dataDir: env.DATA_DIR,
    redisUrl: env.REDIS_URL,
    ledger: ledger.usage,
    timing: clock.timing,
    decidedUnder: () => decidedUnder(directory.current(), rights.lookup, nowMs()),
    onResumed: clock.resume,
  });
  directory.onLoaded(metering.directoryChanged);

  const rules = billingRulesOf(config);
  const lead = leadOf(ledger);
  const register = fileNumberRegister(env.DATA_DIR);
  const billingLedger = postgresBillingLedger(ledger.db, {
    ...{ rules, lead: lead.lead, now: nowMs },
    register,
  });
  const works = documentWorks({ db: ledger.db, press: nodePress(), keySecret, config, mail, nowMs });
  const documents = documentDesk(ledger.db, works);
  const refreshTotals = totalsRefresher(ledger.db, config.bucketSeconds, log);
  const watchClaims = claimWatch(ledger.db, log);
  const makeDocuments = documentsAfterRun(documents.ledger, works.maker, log);
  const billing = startBillingJob({
    ledger: billingLedger,
    rules,
    intervalMs: config.billing.intervalSeconds * 1000,
    newId: uuidv7,
    nowMs: () => nowMs() + billingAheadMs(),
    log,
    leads: lead.leads,
    afterRun: async () => {
      await refreshTotals(nowMs());
      await makeDocuments(nowMs());
      await watchClaims(nowMs());
    },
  });

  const whatIfs = whatIfJob({ work: whatIfWork(ledger.db), rules, newId: uuidv7, nowMs, log });
  whatIfs.wake();

  const pace = openPace(env, loaded, log);
  const rates = openRates(env, log);
  const tally = new GatewayCounters();
  const counting = startCounting({
    ledger: postgresCountingLedger(ledger.db, config.callers.retainDays),
    tally,
    keepsCaller: (clientId) =>
      keepsTraits(
        directory.current().tariffOf(clientId, nowMs()),
        metering.totals.total(clientId, nowMs()).posts,
      ),
    source: uuidv7(),
    nowMs,
    log,
  });
  const unreadiness = (): string | null => {
    if (isStopping) return 'the process is stopping';
    return config.journal.onFailure === 'refuse' && metering.isFailing() ? UNWRITABLE : null;
  };
  const catalogue = catalogueOf(config.agents.catalogue);
  const agentAccess = nodeAgentAccess(config.agents);
  const agents = startAgentKnowledge({
    ...{ db: ledger.db, agents: catalogue.agents, access: agentAccess, nowMs, log },
    chance: Math.random(),
  });
  const signatures = startSignatures({
    settings: config.agents.signatures,
    store: postgresDirectories(ledger.db),
    fetchDocument: agentAccess === null ? null : (url) => agentAccess.fetchPublic(url, STRANGER_LIMITS),
    counts: tally.signatures,
    nowMs,
    log,
  });
  releaseStartMemory();
  const gateway = await startGateway({
    ...shared,
    routes: loaded.routes,
    unreadiness,
    upstreamUrl,
    keySecret,
    metering,
    knowledge: agents.knowledge,
    pace,
    rates,
    rights: rights.lookup,
    signatures,
    tally,
    nowMs,
    port: env.PORT,
    host: env.HOST,
  });
  const warnings = {
    ledger: async () => (metering.figures.ledger.reachable() ? null : LEDGER_AWAY),
    journal: async () => metering.removal() ?? (metering.isFailing() ? UNWRITABLE : metering.damage()),
    window: async () =>
      metering.totals.degraded ? 'the window store is unreachable; totals cover only this process' : null,
    clock: async () => clock.fault(),
    billing: async () => {
      const lastRunMs = billing.figures.lastRunAtMs() ?? startedAtMs;
      const isStalled = isBillingStalled(lastRunMs, config.billing.intervalSeconds * 1000, nowMs());
      return isStalled && lead.leads() ? 'billing has not finished a run for several intervals' : null;
    },
  };
  const alerts = startAlerts({
    db: ledger.db,
    keySecret,
    config,
    mail,
    rules,
    counting: postgresCountingLedger(ledger.db),
    leads: lead.leads,
    checks: warnings,
    processName: `${hostname()}:${listener.port}`,
    nowMs,
    log,
  });
  const app = administrationOf({
    ledger,
    billing: billingLedger,
    documents,
    figures: {
      gateway: tally,
      billing: billing.figures,
      clock: clock.figures,
      routes: counting.watch,
      rights: rights.figures,
      agents: agents.figures,
      ...metering.figures,
    },
    wakeWhatIfs: whatIfs.wake,
    shipCounts: () => counting.ship(),
    routes: () => current.routes,
    platform: platformAt(upstreamUrl, config.count.header, VERSION),
    // Readiness covers only this process. A failing check of a shared store, such as the ledger, would take all
    // processes out of service at once although they can still serve the platform.
    checks: { gateway: async () => unreadiness() },
    warnings: {
      ...warnings,
      routes: async () => counting.watch.warning(),
      rights: async () => rights.fault(),
      agents: async () => agents.warning(),
    },
    receivers: { allowPrivate: config.receivers.allowPrivate, hasMailer: mail !== null },
    agents: agentDesk({ db: ledger.db, agents: catalogue.agents, access: agentAccess, nowMs }),
    refreshDirectory: directory.refresh,
    maxSubjects: config.rights.maxSubjects,
    catalogue,
    terms: termsDesk(ledger.db, upstreamUrl, VERSION),
    adminToken: env.ADMIN_TOKEN,
    rightsWebhookSecret: env.RIGHTS_WEBHOOK_SECRET,
    keySecret,
    register,
    rules,
    sessionLimits: sessionLimitsOf(config),
    nowMs,
    log,
  });
  listener.serve(app);
  const { clients } = directory.current();
  log.info(
    { port: gateway.port, adminPort: listener.port, ...startedFields(env, { upstreamUrl, loaded, clients }) },
    'listening',
  );

  return {
    port: gateway.port,
    adminPort: listener.port,
    reload: (next) => {
      demandRoutes(next);
      const { config: merged, applied, needRestart } = reloadConfig(current.config, next.config);
      current = { ...next, config: merged };
      metering.useConfig(merged);
      gateway.use(current);
      log.info({ applied, routes: next.routes.rules.length }, 'the configuration was reloaded');
      if (needRestart.length > 0) log.warn({ fields: needRestart }, 'these changes need a restart');
    },
    stop: (drains = false) =>
      inOrder([
        async () => {
          isStopping = true;
          gateway.drain();
          if (drains) await sleep(config.listen.drainSeconds * 1000);
        },
        () => gateway.stop(config.listen.stopTimeoutMs),
        // Stop metering before billing: billing of one client may take long, and a supervisor may kill the process.
        () => metering.stop(SHIP_AT_STOP_MS),
        () => alerts.stop(),
        () => counting.stop(),
        () => billing.stop(),
        () => whatIfs.stop(),
        () => agents.stop(),
        () => lead.release(),
        () => listener.stop(ADMIN_STOP_MS),
        () => clock.stop(),
        async () => pace?.close(),
        () => rates.close(),
        () => rights.stop(),
        () => directory.stop(),
        () => ledger.close(),
      ]),
  };
}

/** Runs every step even if an earlier one fails: usage must be shipped even if closing sockets fails. */
async function inOrder(steps: ReadonlyArray<() => Promise<void>>): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `the shutdown failed: ${failures.join('; ')}`);
}

function leadOf({ connection }: OpenLedger): StandingLead {
  if (connection.kind === 'postgres') return standingLead(connection);
  return { lead: processLead(), leads: () => true, release: async () => {} };
}

function openRates({ REDIS_URL }: Environment, log: Logger): RateLimiter & { close(): Promise<void> } {
  if (REDIS_URL === undefined) return { ...rateLimiter(), close: async () => {} };
  return openRedisRates({
    url: REDIS_URL,
    onError: (error) => log.debug({ err: error }, 'the rate limiter of policies cannot reach Redis'),
  });
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
