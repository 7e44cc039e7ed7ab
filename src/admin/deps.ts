/** Dependencies of the admin API. They are plain interfaces; the entry point chooses the implementations. */

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerLedger } from '../callers/port.ts';
import type { PromotionBooks } from '../callers/promotion-port.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { DocumentDesk } from '../document/desk.ts';
import type { Catalogue } from '../identify/asker/catalogue/catalogue.ts';
import type { BillingRules, InvoiceActions, InvoiceNumbers } from '../invoice/port.ts';
import type { AddressRules } from '../notify/address-rules.ts';
import type { Sealer } from '../notify/port.ts';
import type { Platform } from '../probe/port.ts';
import type { AskerLedger } from '../report/askers/port.ts';
import type { ClientFigures } from '../report/clients/port.ts';
import type { FinanceBooks } from '../report/finance/port.ts';
import type { InboxBooks } from '../report/inbox/port.ts';
import type { MetricsPage } from '../report/port.ts';
import type { CountingLedger } from '../report/routes/port.ts';
import type { TermsDesk } from '../terms/port.ts';
import type { AgentDesk } from './agents/port.ts';
import type { AlertStore } from './alerts-port.ts';
import type { AdminEnv, AuthDeps } from './auth.ts';
import type { ChangeStamps } from './changes.ts';
import type { ClaimDesk } from './claims/port.ts';
import type { ClientList } from './client-list.ts';
import type { ClientHistory, NoteStore } from './client-port.ts';
import type { JournalQueries, VerificationJob } from './health/port.ts';
import type { InvoiceBook } from './invoice-book.ts';
import type { PaymentBooks } from './payments/port.ts';
import type { AdminLog, AdminStore, ReadinessCheck, Secrets } from './port.ts';
import type { ProposalDesk } from './proposals/port.ts';
import type { RightsBooks } from './rights/port.ts';
import type { SellerBooks } from './sellers/port.ts';
import type { SessionLimits } from './sessions/port.ts';
import type { WhatIfStore } from './what-if-port.ts';

/** What this process allows and can do for receivers of alerts. */
export interface ReceiverRules extends AddressRules {
  /** True if this process sends mail. */
  readonly hasMailer: boolean;
}

export interface AdminDeps extends AuthDeps {
  readonly store: AdminStore;
  readonly clientList: ClientList;
  readonly figures: ClientFigures;
  readonly history: ClientHistory;
  readonly notes: NoteStore;
  readonly billing: InvoiceActions & InvoiceNumbers;
  readonly invoiceBook: InvoiceBook;
  readonly payments: PaymentBooks;
  /** Disputes and reminders of issued invoices. */
  readonly claims: ClaimDesk;
  /** Actions of money that need two people. */
  readonly proposals: ProposalDesk;
  readonly finance: FinanceBooks;
  readonly inbox: InboxBooks;
  readonly journals: JournalQueries;
  /** Null in a process that may not compute for so long. */
  readonly verification: VerificationJob | null;
  readonly whatIfs: WhatIfStore;
  /** Has this process work on what-ifs that wait. Returns at once and never throws. */
  readonly wakeWhatIfs: () => void;
  readonly sellers: SellerBooks;
  readonly rights: RightsBooks;
  /** RIGHTS_WEBHOOK_SECRET of the environment; undefined: the webhook of the platform is off. */
  readonly rightsWebhookSecret?: string | undefined;
  /** The published policies. */
  readonly terms: TermsDesk;
  readonly secrets: Secrets;
  /** The agents that the configuration knows. */
  readonly catalogue: Pick<Catalogue, 'agents' | 'byToken'>;
  readonly metrics: MetricsPage;
  /** Counts by route, of all processes and isolates. */
  readonly counting: CountingLedger;
  /** Answers by asker, of all processes and isolates. */
  readonly askers: AskerLedger;
  /** Usage and traits of unknown callers. */
  readonly callers: CallerLedger;
  /** Naming of unknown callers as one client. */
  readonly promotions: PromotionBooks;
  /** Ships this process's counts to the ledger, so that a reader sees its latest requests. Never rejects. */
  readonly shipCounts: () => Promise<void>;
  /** The routes of the running configuration. */
  readonly routes: () => CompiledRoutes;
  /** The platform behind the gateway, for probes; null in a process that does not know it. */
  readonly platform: Platform | null;
  /** True if the error means that the ledger is unreachable and the same request may succeed later. */
  readonly isLedgerAway: (error: unknown) => boolean;
  /** Readiness checks by name. If one fails, `/readyz` returns 503 and the process must receive no traffic. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Warnings by name. They appear in `/readyz` but do not make the process unready. */
  readonly warnings: Readonly<Record<string, ReadinessCheck>>;
  /** Resolves once this process uses the current directory of the ledger. Rejects if it cannot be read in time. */
  readonly refreshDirectory: () => Promise<void>;
  readonly log: AdminLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Returns a UUID version 7; lists sort by it, so they are in order of creation. */
  readonly newId: () => string;
  readonly rules: BillingRules;
  readonly sessionLimits: SessionLimits;
  readonly changes: ChangeStamps;
  readonly alerts: AlertStore;
  readonly agents: AgentDesk;
  readonly documents: DocumentDesk;
  readonly sealer: Sealer;
  readonly receivers: ReceiverRules;
  /** The version of Postmeter, for the OpenAPI document. */
  readonly version: string;
}

export type AdminApp = OpenAPIHono<AdminEnv>;
