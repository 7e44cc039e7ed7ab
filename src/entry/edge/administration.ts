/**
 * The Durable Object that serves the admin API and runs billing at the edge. There is only one, so that failed logins are
 * counted in one place, and so that few connections to the database are open.
 */

import { DurableObject } from 'cloudflare:workers';
import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../../adapters/crypto/sealer.ts';
import { nodeSecrets } from '../../adapters/crypto/secrets.ts';
import {
  type AdministrationMethods,
  DIRECTORY_OBJECT,
  type EdgeBindings,
} from '../../adapters/durable-object/bindings.ts';
import { sqlNumberRegister } from '../../adapters/durable-object/storage/number-register.ts';
import { httpsReverseDns } from '../../adapters/edge/dns-over-https.ts';
import { edgeFetchPublic } from '../../adapters/edge/fetch-public.ts';
import { edgeLog } from '../../adapters/edge/log.ts';
import { memoryFailureThrottle } from '../../adapters/memory/failure-throttle.ts';
import { advisoryLead } from '../../adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../adapters/postgres/billing/ledger.ts';
import { openPostgres } from '../../adapters/postgres/connection/open.ts';
import { postgresCountingLedger } from '../../adapters/postgres/counting/counting-ledger.ts';
import { ledgerDirectorySource } from '../../adapters/postgres/directory-source.ts';
import { postgresOutbox } from '../../adapters/postgres/notify/outbox.ts';
import { whatIfWork } from '../../adapters/postgres/whatif/work.ts';
import { createMetrics } from '../../adapters/prometheus/metrics.ts';
import { workerPost } from '../../adapters/worker/notify/post.ts';
import { createAdminApp } from '../../admin/app.ts';
import type { AdminApp, AdminDeps } from '../../admin/deps.ts';
import type { AdminLog, ReadinessCheck } from '../../admin/port.ts';
import { LEDGER_AWAY } from '../../admin/problem.ts';
import { billingRulesOf } from '../../config/billing-rules.ts';
import { sessionLimitsOf } from '../../config/session-limits.ts';
import { mountConsole } from '../../console/app.tsx';
import { catalogueOf } from '../../identify/asker/catalogue/catalogue.ts';
import { isBillingStalled } from '../../notify/condition.ts';
import type { Outbox } from '../../notify/port.ts';
import { Sender } from '../../notify/sender.ts';
import { type AgentAccess, agentDesk } from '../agents/desk.ts';
import { LedgerWatch } from '../alerts/ledger-watch.ts';
import { ProcessWatch } from '../alerts/process-watch.ts';
import { claimWatch } from '../billing/claim-watch.ts';
import { type BillingRunner, billingRunner } from '../billing/runner.ts';
import { totalsRefresher } from '../billing/totals-refresher.ts';
import { documentDesk } from '../documents/desk.ts';
import { platformAt } from '../probe/platform.ts';
import { RouteWatch } from '../route-watch.ts';
import { adminBooks } from '../stores/admin-books.ts';
import { proposalDesk } from '../stores/proposal-desk.ts';
import { termsDesk } from '../terms/desk.ts';
import { type WhatIfWorkerOptions, workOnWhatIfs } from '../what-ifs/worker.ts';
import { readSettings } from './settings.ts';
import { VERSION } from './version.ts';

/** Time for which one alarm works on what-ifs, so that messages and requests do not wait long. */
const WHAT_IF_SLICE_MS = 5_000;

/** Connections for statements. A billing run holds its lock on another one. */
const CONNECTIONS = { maxConnections: 2, applicationName: 'postmeter-administration' };
const RETRY_AFTER_S = 5;
/** The interval of the cron trigger in wrangler.toml. */
const CRON_MS = 60_000;
/** A message that is due and was not sent, because its receiver is being sent to, does not keep the object busy. */
const MIN_ALARM_MS = 500;

interface Open {
  readonly app: AdminApp;
  readonly whatIfs: WhatIfWorkerOptions;
  readonly billing: BillingRunner;
  readonly routes: RouteWatch;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly watch: LedgerWatch;
  readonly processWatch: ProcessWatch;
}

export class AdministrationObject extends DurableObject<EdgeBindings> implements AdministrationMethods {
  /** Opened by the first request, and again after a failure, because the database may have been unreachable. */
  #open: Promise<Open> | undefined;
  #billing: Promise<void> | undefined;
  readonly #log = edgeLog(this.env);

  async fetch(request: Request): Promise<Response> {
    try {
      const { app } = await this.#opened();
      const response = await app.fetch(request);
      // What was written may be a message that is due now.
      if (request.method !== 'GET') this.ctx.waitUntil(this.#setAlarm());
      return response;
    } catch (error) {
      this.#log.error({ err: error }, 'the administration cannot be opened; the next request retries');
      return notReady();
    }
  }

  /** Runs billing. One run at a time in this object, and one among all processes on the database. */
  async bill(): Promise<void> {
    this.#billing ??= this.#opened()
      .then(async ({ billing, routes, watch, processWatch }) => {
        // It must also run while the ledger is away, which it reports.
        await processWatch.look().catch((error: unknown) => {
          this.#log.warn({ err: error }, 'the conditions of the administration cannot be written now');
        });
        await Promise.all([billing.run(), routes.look()]);
        await watch.look();
        await this.#setAlarm();
      })
      .finally(() => {
        this.#billing = undefined;
      });
    await this.#billing;
  }

  /** Sends the messages that are due, and works on what-ifs for a slice. Node processes do this by timers. */
  override async alarm(): Promise<void> {
    try {
      const { sender, whatIfs } = await this.#opened();
      await sender.look();
      await workOnWhatIfs(whatIfs, AbortSignal.timeout(WHAT_IF_SLICE_MS));
      await sender.idle();
    } catch (error) {
      this.#log.warn({ err: error }, 'messages cannot be sent now');
    }
    await this.#setAlarm();
  }

  /** For the next message that is due, or at once if a what-if is unfinished. Without a ledger the next billing run sets it. */
  async #setAlarm(): Promise<void> {
    try {
      const { outbox, sender, whatIfs } = await this.#opened();
      const isWork = await whatIfs.work.isUnfinished();
      const dueMs = isWork ? Date.now() : await outbox.nextDueMs(sender.kinds);
      if (dueMs !== null) await this.ctx.storage.setAlarm(Math.max(dueMs, Date.now() + MIN_ALARM_MS));
    } catch (error) {
      this.#log.warn({ err: error }, 'the next message cannot be scheduled');
    }
  }

  #opened(): Promise<Open> {
    this.#open ??= openAdministration(this.env, this.ctx.storage, this.#log).catch((error: unknown) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }
}

async function openAdministration(
  env: EdgeBindings,
  storage: DurableObjectStorage,
  log: AdminLog,
): Promise<Open> {
  const settings = readSettings(env);
  const { config, routes: compiled, upstreamUrl, adminToken, keySecret } = settings;
  const ledger = await openPostgres(env.HYPERDRIVE.connectionString, CONNECTIONS);
  const secret = await ledgerDirectorySource(
    ledger,
    keySecret === undefined ? {} : { keySecret },
  ).keySecret();
  const rules = billingRulesOf(config);
  const register = sqlNumberRegister(storage.sql, () => storage.sync());
  const billingLedger = postgresBillingLedger(ledger.db, {
    rules,
    lead: advisoryLead(ledger),
    now: Date.now,
    register,
  });
  const refreshTotals = totalsRefresher(ledger.db, rules.bucketSeconds, log);
  const watchClaims = claimWatch(ledger.db, log);
  const billing = billingRunner({
    ledger: billingLedger,
    rules,
    newId: uuidv7,
    nowMs: Date.now,
    log,
    afterRun: async (runMs) => {
      await refreshTotals(runMs);
      await watchClaims(runMs);
    },
  });
  const counting = postgresCountingLedger(ledger.db);
  const routes = new RouteWatch(counting, Date.now, log);
  const sealer = sealerOf(Buffer.from(secret));
  const receivers = { allowPrivate: config.receivers.allowPrivate, hasMailer: false };
  const outbox = postgresOutbox(ledger.db);
  const sender = new Sender({
    ...{ outbox, sealer, post: workerPost(receivers), mail: null, nowMs: Date.now, chance: Math.random },
    consoleUrl: config.receivers.consoleUrl ?? null,
    userAgent: `Postmeter/${VERSION}`,
    onError: (error) => log.warn({ err: error }, 'messages cannot be sent now'),
  });
  const catalogue = catalogueOf(config.agents.catalogue);
  const ledgerCheck = checkOf(LEDGER_AWAY, () => ledger.db.execute(sql`select 1`), log);
  const deps: AdminDeps = {
    ...adminBooks(ledger.db, config.rights.maxSubjects),
    billing: billingLedger,
    documents: documentDesk(ledger.db, null),
    proposals: proposalDesk(ledger.db, rules, register),
    rightsWebhookSecret: settings.rightsWebhookSecret,
    // It may take minutes of CPU.
    verification: null,
    terms: termsDesk(ledger.db, upstreamUrl, VERSION),
    // Every write and every billing run sets the alarm.
    wakeWhatIfs: () => {},
    secrets: nodeSecrets(Buffer.from(secret)),
    catalogue,
    failures: memoryFailureThrottle(),
    adminToken,
    // Cloudflare sets it on every request, whatever the client sent.
    peerOf: (c) => c.req.header('cf-connecting-ip') ?? 'unknown',
    // Counters of isolates and client objects are missing, because not all of them can be queried.
    metrics: createMetrics({ billing: billing.figures, routes }, { version: VERSION, withProcess: false }),
    counting,
    // Isolates send their counts by themselves, within seconds.
    shipCounts: async () => {},
    routes: () => compiled,
    platform: upstreamUrl === undefined ? null : platformAt(upstreamUrl, config.count.header, VERSION),
    checks: {
      directory: checkOf(
        'the directory of clients cannot be read',
        () => env.DIRECTORY.getByName(DIRECTORY_OBJECT).directory(null),
        log,
      ),
    },
    warnings: {
      ledger: ledgerCheck,
      routes: async () => routes.warning(),
    },
    refreshDirectory: () => env.DIRECTORY.getByName(DIRECTORY_OBJECT).refresh(),
    log,
    now: Date.now,
    newId: uuidv7,
    rules,
    sessionLimits: sessionLimitsOf(config),
    agents: agentDesk({
      db: ledger.db,
      agents: catalogue.agents,
      access: config.agents.offline ? null : edgeAgentAccess(config.agents.dns.https),
      nowMs: Date.now,
    }),
    sealer,
    receivers,
    version: VERSION,
  };
  const app = mountConsole(createAdminApp(deps), deps);
  const whatIfs = { work: whatIfWork(ledger.db), rules, newId: uuidv7, nowMs: Date.now, log };
  const watch = new LedgerWatch({ db: ledger.db, counting, rules, nowMs: Date.now });
  const openedAtMs = Date.now();
  const processWatch = new ProcessWatch({
    ...{ db: ledger.db, outbox, sender, processName: 'edge', nowMs: Date.now, newId: uuidv7 },
    checks: {
      ledger: ledgerCheck,
      billing: async () =>
        billing.figures.leader() &&
        isBillingStalled(billing.figures.lastRunAtMs() ?? openedAtMs, CRON_MS, Date.now())
          ? 'billing has not finished a run for several intervals'
          : null,
    },
  });
  return { app, whatIfs, billing, routes, outbox, sender, watch, processWatch };
}

function edgeAgentAccess(dns: string): AgentAccess {
  return { fetchPublic: edgeFetchPublic, reverseDns: httpsReverseDns(dns) };
}

/** Returns a check that reports `fault` if `query` rejects. */
function checkOf(fault: string, query: () => PromiseLike<unknown>, log: AdminLog): ReadinessCheck {
  return async () => {
    try {
      await query();
      return null;
    } catch (error) {
      log.warn({ err: error }, fault);
      return fault;
    }
  };
}

/** The response while there is no app to make one. */
function notReady(): Response {
  const body = {
    type: 'about:blank',
    title: 'Service unavailable',
    status: 503,
    code: 'not_ready',
    detail: 'The administration cannot be opened now. See its log for the reason.',
  };
  return new Response(JSON.stringify(body), {
    status: 503,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': String(RETRY_AFTER_S),
    },
  });
}
