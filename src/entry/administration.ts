/** Wires the administration on Node: a listener that answers from the start, its store, metrics and readiness checks. */

import { setImmediate } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import pLimit from 'p-limit';
import { v7 as uuidv7 } from 'uuid';
import { memoryFailureThrottle } from '../adapters/memory/failure-throttle.ts';
import { createMetrics } from '../adapters/node/metrics.ts';
import { nodeSecretBox } from '../adapters/node/secret-box.ts';
import { type GatewayServer, listen, stopServer } from '../adapters/node/server.ts';
import { adminStore } from '../adapters/postgres/admin-store.ts';
import { postgresCountingLedger } from '../adapters/postgres/counting/counting-ledger.ts';
import { isLedgerAway } from '../adapters/postgres/db.ts';
import { createAdminApp } from '../admin/app.ts';
import type { AdminApp } from '../admin/deps.ts';
import type { ReadinessCheck } from '../admin/port.ts';
import { startingResponse } from '../admin/starting.ts';
import type { InvoiceActions, InvoiceNumbers } from '../invoice/port.ts';
import type { GatewayFigures, MetricsSources } from '../report/port.ts';
import type { OpenLedger } from './ledger.ts';
import type { Logger } from './log.ts';
import { VERSION } from './version.ts';

export interface AdministrationOptions {
  readonly ledger: OpenLedger;
  readonly billing: InvoiceActions & InvoiceNumbers;
  readonly figures: MetricsSources & { readonly gateway: GatewayFigures };
  readonly shipCounts: () => Promise<void>;
  readonly routeNames: () => readonly string[];
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly warnings: Readonly<Record<string, ReadinessCheck>>;
  readonly refreshDirectory: () => Promise<void>;
  readonly adminToken: string | undefined;
  readonly keySecret: Buffer;
  readonly bucketSeconds: number;
  readonly latenessMs: number;
  /** The metering clock: epoch milliseconds. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

export interface AdminListener {
  readonly port: number;
  /** Until this call it answers that the process is alive and starting. */
  serve(app: AdminApp): void;
  stop(timeoutMs: number): Promise<void>;
}

/** Listens before the ledger is open: probes and supervisors see a process that lives. Rejects if the port is taken. */
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

/** Requests with a token that are answered at once; the others wait. */
const AT_ONCE = 4;

/**
 * Each request with a token gets a turn of the event loop, so that many of them leave the gateway in this process its
 * time: the embedded ledger answers in the same thread. Probes have no token, and do not wait.
 */
function inTurns(fetch: AdminApp['fetch']): AdminApp['fetch'] {
  const limit = pLimit(AT_ONCE);
  return (request, env) => {
    if (!request.headers.has('authorization')) return fetch(request, env);
    return limit(async () => {
      await setImmediate();
      return fetch(request, env);
    });
  };
}

export function administrationOf(options: AdministrationOptions): AdminApp {
  const { log } = options;
  return createAdminApp({
    store: adminStore(options.ledger.db),
    billing: options.billing,
    secrets: nodeSecretBox(options.keySecret),
    failures: memoryFailureThrottle(),
    adminToken: options.adminToken,
    peerOf: (c) => getConnInfo(c).remote.address ?? 'unknown',
    metrics: createMetrics(options.figures, { version: VERSION }),
    counting: postgresCountingLedger(options.ledger.db),
    shipCounts: options.shipCounts,
    routeNames: options.routeNames,
    checks: options.checks,
    isLedgerAway,
    warnings: options.warnings,
    refreshDirectory: options.refreshDirectory,
    log,
    now: options.nowMs,
    newId: uuidv7,
    bucketSeconds: options.bucketSeconds,
    latenessMs: options.latenessMs,
    version: VERSION,
  });
}
