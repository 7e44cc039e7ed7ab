/** What the administration is wired with. Plain interfaces: the entry chooses what is behind them. */

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { InvoiceActions, InvoiceNumbers } from '../invoice/port.ts';
import type { MetricsPage } from '../report/port.ts';
import type { CountingLedger } from '../report/routes/port.ts';
import type { AdminEnv, AuthDeps } from './auth.ts';
import type { AdminLog, AdminStore, ReadinessCheck, SecretBox } from './port.ts';

export interface AdminDeps extends AuthDeps {
  readonly store: AdminStore;
  readonly billing: InvoiceActions & InvoiceNumbers;
  readonly secrets: SecretBox;
  readonly metrics: MetricsPage;
  /** Counts by route, of all processes and isolates. */
  readonly counting: CountingLedger;
  /** Adds this process's own counts to them, so that a reader sees what it just did. Never rejects. */
  readonly shipCounts: () => Promise<void>;
  /** Routes of the running configuration, in its order. */
  readonly routeNames: () => readonly string[];
  /** The error means that the ledger cannot be reached now, and the same request may succeed later. */
  readonly isLedgerAway: (error: unknown) => boolean;
  /** By name, as `/readyz` shows them: with one that fails this process is to be asked for nothing. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** By name too: told by `/readyz` of a process that does all of its work nonetheless. */
  readonly warnings: Readonly<Record<string, ReadinessCheck>>;
  /** Resolves once this process uses what the ledger has now. Rejects if it cannot read it in time. */
  readonly refreshDirectory: () => Promise<void>;
  readonly log: AdminLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** UUID version 7: lists go by it in the order of time. */
  readonly newId: () => string;
  readonly bucketSeconds: number;
  /** How long usage may come late before a breach or a month is closed. */
  readonly latenessMs: number;
  /** The version of this software, for the API's description. */
  readonly version: string;
}

export type AdminApp = OpenAPIHono<AdminEnv>;
