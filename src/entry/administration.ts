/** Wires the admin API on Node: a listener that responds from startup on, its store, metrics and readiness checks. */

import { setImmediate } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import pLimit from 'p-limit';
import { v7 as uuidv7 } from 'uuid';
import { sealerOf } from '../adapters/crypto/sealer.ts';
import { nodeSecrets } from '../adapters/crypto/secrets.ts';
import { memoryFailureThrottle } from '../adapters/memory/failure-throttle.ts';
import { type GatewayServer, listen, stopServer } from '../adapters/node/http/server.ts';
import { postgresCountingLedger } from '../adapters/postgres/counting/counting-ledger.ts';
import { createMetrics } from '../adapters/prometheus/metrics.ts';
import type { AgentDesk } from '../admin/agents/port.ts';
import { createAdminApp } from '../admin/app.ts';
import type { AdminApp, AdminDeps, ReceiverRules } from '../admin/deps.ts';
import type { ReadinessCheck } from '../admin/port.ts';
import type { SessionLimits } from '../admin/sessions/port.ts';
import { startingResponse } from '../admin/starting.ts';
import { mountConsole } from '../console/app.tsx';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { DocumentDesk } from '../document/desk.ts';
import type { BillingRules, InvoiceActions, InvoiceNumbers } from '../invoice/port.ts';
import type { NumberRegister } from '../invoice/register.ts';
import type { Platform } from '../probe/port.ts';
import type { GatewayFigures, MetricsSources } from '../report/port.ts';
import type { TermsDesk } from '../terms/port.ts';
import type { Logger } from './logs/log.ts';
import { adminBooks } from './stores/admin-books.ts';
import type { OpenLedger } from './stores/ledger.ts';
import { proposalDesk } from './stores/proposal-desk.ts';
import { verificationJob } from './stores/verification-job.ts';
import { VERSION } from './version.ts';

export interface AdministrationOptions {
  readonly ledger: OpenLedger;
  readonly billing: InvoiceActions & InvoiceNumbers;
  readonly documents: DocumentDesk;
  readonly figures: MetricsSources & { readonly gateway: GatewayFigures };
  readonly wakeWhatIfs: () => void;
  readonly shipCounts: () => Promise<void>;
  readonly routes: () => CompiledRoutes;
  readonly platform: Platform;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly warnings: Readonly<Record<string, ReadinessCheck>>;
  readonly refreshDirectory: () => Promise<void>;
  /** Limit of the registry of rights. */
  readonly maxSubjects: number;
  readonly catalogue: AdminDeps['catalogue'];
  readonly terms: TermsDesk;
  readonly adminToken: string | undefined;
  readonly rightsWebhookSecret?: string | undefined;
  readonly keySecret: Buffer;
  readonly rules: BillingRules;
  /** Keeps invoice numbers outside the ledger. */
  readonly register: NumberRegister;
  readonly sessionLimits: SessionLimits;
  readonly receivers: ReceiverRules;
  readonly agents: AgentDesk;
  /** The metering clock: epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

export interface AdminListener {
  readonly port: number;
  /** Starts serving the API. Before this call, the listener reports that the process is alive and starting. */
  serve(app: AdminApp): void;
  stop(timeoutMs: number): Promise<void>;
}

/** Listens before the ledger is open, so that probes see a live process. Rejects if the port is in use. */
export async function listenForAdministration(host: string, port: number): Promise<AdminListener> {
  let serving: AdminApp['fetch'] = startingResponse;
  const server = createAdaptorServer({
    fetch: (request, env) => serving(request, env),
  }) as GatewayServer;
  return {
    port: await listen(server, port, host),
    serve: (app) => {
      serving = inTurns(app.fetch);
    },
    stop: (timeoutMs) => stopServer(server, timeoutMs),
  };
}

/** Maximum number of concurrent requests with a token or a cookie; the others wait. */
const MAX_CONCURRENT = 4;

/**
 * Runs requests with a token or a cookie, and sign-ins, in separate turns of the event loop, because the embedded ledger
 * runs in this thread and many requests would starve the gateway. Probes have neither and do not wait.
 */
function inTurns(fetch: AdminApp['fetch']): AdminApp['fetch'] {
  const limit = pLimit(MAX_CONCURRENT);
  return (request, env) => {
    const isCheap =
      request.method === 'GET' && !request.headers.has('authorization') && !request.headers.has('cookie');
    if (isCheap) return fetch(request, env);
    return limit(async () => {
      await setImmediate();
      return fetch(request, env);
    });
  };
}

export function administrationOf(options: AdministrationOptions): AdminApp {
  const { log } = options;
  const deps: AdminDeps = {
    ...adminBooks(options.ledger.db, options.maxSubjects),
    billing: options.billing,
    documents: options.documents,
    proposals: proposalDesk(options.ledger.db, options.rules, options.register),
    rightsWebhookSecret: options.rightsWebhookSecret,
    verification: verificationJob({ ...options, db: options.ledger.db }),
    terms: options.terms,
    wakeWhatIfs: options.wakeWhatIfs,
    secrets: nodeSecrets(options.keySecret),
    catalogue: options.catalogue,
    failures: memoryFailureThrottle(),
    adminToken: options.adminToken,
    peerOf: (c) => getConnInfo(c).remote.address ?? 'unknown',
    metrics: createMetrics(options.figures, { version: VERSION }),
    counting: postgresCountingLedger(options.ledger.db),
    shipCounts: options.shipCounts,
    routes: options.routes,
    platform: options.platform,
    checks: options.checks,
    warnings: options.warnings,
    refreshDirectory: options.refreshDirectory,
    log,
    now: options.nowMs,
    newId: uuidv7,
    rules: options.rules,
    sessionLimits: options.sessionLimits,
    agents: options.agents,
    sealer: sealerOf(options.keySecret),
    receivers: options.receivers,
    version: VERSION,
  };
  return mountConsole(createAdminApp(deps), deps);
}
