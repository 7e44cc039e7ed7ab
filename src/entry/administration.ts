/** Wires the administration on Node: its own listener, its store over the ledger, its metrics and readiness checks. */

import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { v7 as uuidv7 } from 'uuid';
import { memoryFailureThrottle } from '../adapters/memory/failure-throttle.ts';
import { createMetrics } from '../adapters/node/metrics.ts';
import { nodeSecretBox } from '../adapters/node/secret-box.ts';
import { type GatewayServer, listen, stopServer } from '../adapters/node/server.ts';
import { adminStore } from '../adapters/postgres/admin-store.ts';
import { postgresCountingLedger } from '../adapters/postgres/counting/counting-ledger.ts';
import { createAdminApp } from '../admin/app.ts';
import type { ReadinessCheck } from '../admin/port.ts';
import type { InvoiceActions } from '../invoice/port.ts';
import type { GatewayFigures, MetricsSources } from '../report/port.ts';
import type { OpenLedger } from './ledger.ts';
import type { Logger } from './log.ts';
import { VERSION } from './version.ts';

export interface AdministrationOptions {
  readonly ledger: OpenLedger;
  readonly billing: InvoiceActions;
  readonly figures: MetricsSources & { readonly gateway: GatewayFigures };
  readonly shipCounts: () => Promise<void>;
  readonly routeNames: () => readonly string[];
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly warnings: Readonly<Record<string, ReadinessCheck>>;
  readonly adminToken: string | undefined;
  readonly keySecret: Buffer;
  readonly bucketSeconds: number;
  /** The metering clock: epoch milliseconds. */
  readonly nowMs: () => number;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
}

export interface Administration {
  readonly port: number;
  stop(timeoutMs: number): Promise<void>;
}

export async function startAdministration(options: AdministrationOptions): Promise<Administration> {
  const { log } = options;
  const app = createAdminApp({
    store: adminStore(options.ledger.db),
    billing: options.billing,
    secrets: nodeSecretBox(options.keySecret),
    failures: memoryFailureThrottle(),
    adminToken: options.adminToken,
    peerOf: (c) => getConnInfo(c).remote.address ?? 'unknown',
    metrics: createMetrics(options.figures),
    counting: postgresCountingLedger(options.ledger.db),
    shipCounts: options.shipCounts,
    routeNames: options.routeNames,
    checks: options.checks,
    warnings: options.warnings,
    log,
    now: options.nowMs,
    newId: uuidv7,
    bucketSeconds: options.bucketSeconds,
    version: VERSION,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as GatewayServer;
  const port = await listen(server, options.port, options.host);
  return { port, stop: (timeoutMs) => stopServer(server, timeoutMs) };
}
