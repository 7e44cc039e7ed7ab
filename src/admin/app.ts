/** Assembles the admin API: authentication, error handling, the routes and the OpenAPI document. */

import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { demandAcceptable } from './acceptable.ts';
import { type AdminEnv, authenticate } from './auth.ts';
import type { AdminApp, AdminDeps } from './deps.ts';
import { faultsOf } from './field-error.ts';
import { faultsProblem, HttpProblem, httpProblemResponse, sendError, sendNotFound } from './problem.ts';
import { agentRoutes } from './routes/agents/agents.ts';
import { levelRoutes } from './routes/alerts/levels.ts';
import { messageRoutes } from './routes/alerts/messages.ts';
import { receiverRoutes } from './routes/alerts/receivers.ts';
import { askerRoutes } from './routes/askers/askers.ts';
import { rightsWhatIfRoute } from './routes/askers/rights-what-if.ts';
import { auditRoutes } from './routes/audit.ts';
import { billingHoldRoutes, gapRoutes } from './routes/billing-holds.ts';
import { breachRoutes } from './routes/breaches.ts';
import { callerRoutes } from './routes/callers/callers.ts';
import { promotionRoutes } from './routes/callers/promotions.ts';
import { collectionRoutes } from './routes/claims/collection.ts';
import { correctionRoutes } from './routes/claims/corrections.ts';
import { disputeRoutes } from './routes/claims/disputes.ts';
import { clientChartRoute } from './routes/clients/client-chart.ts';
import { clientListRoute } from './routes/clients/client-list.ts';
import { clientRoutes } from './routes/clients/clients.ts';
import { coDebtorRoutes } from './routes/clients/co-debtors.ts';
import { noteRoutes } from './routes/clients/notes.ts';
import { policyRoutes } from './routes/clients/policies.ts';
import { readingsRoute } from './routes/clients/readings.ts';
import { documentRoutes } from './routes/documents/documents.ts';
import { draftRoutes } from './routes/documents/drafts.ts';
import { sendRoute } from './routes/documents/send.ts';
import { healthRoutes, metricsRoute } from './routes/health.ts';
import { identifierMoveRoute } from './routes/identifiers/identifier-move.ts';
import { identifierRoutes } from './routes/identifiers/identifiers.ts';
import { inboxRoute } from './routes/inbox/inbox.ts';
import { invoiceBulkRoutes } from './routes/invoices/invoice-bulk.ts';
import { invoiceEvidenceRoute } from './routes/invoices/invoice-evidence.ts';
import { invoiceNumberRoutes } from './routes/invoices/invoice-numbers.ts';
import { invoiceProofRoutes } from './routes/invoices/invoice-proof.ts';
import { invoiceRoutes } from './routes/invoices/invoices.ts';
import { overviewRoute } from './routes/overview.ts';
import { entryRoutes } from './routes/payments/entries.ts';
import { paymentImportRoute } from './routes/payments/import.ts';
import { paymentRoutes } from './routes/payments/payments.ts';
import { statementRoutes } from './routes/payments/statement.ts';
import { policyCheckRoute } from './routes/policies/policy-check.ts';
import { policyVersionRoutes } from './routes/policies/policy-versions.ts';
import { probeRoutes } from './routes/probe.ts';
import { proposalRoutes } from './routes/proposals/proposals.ts';
import { reportRoutes } from './routes/reports/reports.ts';
import { RIGHTS_EVENTS_PATH, rightsEventRoute } from './routes/rights/events.ts';
import { rightsExplainRoute } from './routes/rights/explain.ts';
import { rightsImportRoutes } from './routes/rights/imports.ts';
import { rightsSettingRoutes } from './routes/rights/settings.ts';
import { rightsSubjectRoutes } from './routes/rights/subjects.ts';
import { routeRoutes } from './routes/routes.ts';
import { bankAccountRoutes } from './routes/sellers/bank-accounts.ts';
import { clauseRoutes } from './routes/sellers/clauses.ts';
import { dunningLevelRoutes } from './routes/sellers/dunning-levels.ts';
import { logoRoutes } from './routes/sellers/logo.ts';
import { numberSeriesRoutes } from './routes/sellers/number-series.ts';
import { sellerRoutes } from './routes/sellers/sellers.ts';
import { taxRuleRoutes } from './routes/sellers/tax-rules.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { tariffOverviewRoute } from './routes/tariffs/tariff-overview.ts';
import { tariffRoutes, tariffWithdrawalRoutes } from './routes/tariffs/tariffs.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { hourlyUsageRoutes } from './routes/usage/hourly-usage.ts';
import { totalRoutes } from './routes/usage/totals.ts';
import { uncountedRoutes } from './routes/usage/uncounted.ts';
import { usageRoutes } from './routes/usage/usage.ts';
import { verificationRoutes } from './routes/verification.ts';
import { whatIfRoutes } from './routes/what-ifs/what-ifs.ts';

/** The largest legitimate body of other operations is a client with its billing details: a few kilobytes. */
const MAX_BODY_BYTES = 1_000_000;
/** The limits of single paths: one event, 10,000 settings, or a file of some 200,000. */
const MAX_BYTES_OF_PATH: Readonly<Record<string, number>> = {
  [RIGHTS_EVENTS_PATH]: 256 * 1024,
  '/v1/rights/settings': 4_000_000,
  '/v1/rights/imports': 16_000_000,
};

export function createAdminApp(deps: AdminDeps): AdminApp {
  const app: AdminApp = new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (!result.success) throw faultsProblem(faultsOf(result.error.issues, wholeOf(result.target)));
    },
  });
  app.onError(sendError(deps.log, deps.newId, deps.isLedgerAway));
  app.notFound(sendNotFound);
  guard(app);

  // Routes registered before `authenticate` need no token; those after it do.
  healthRoutes(app, deps);
  rightsEventRoute(app, deps);
  describe(app, deps.version);
  app.use('/metrics', authenticate(deps));
  app.use('/v1/*', authenticate(deps), demandAcceptable);
  for (const path of ['/v1/callers/*', '/v1/clients/*', '/v1/policies', '/v1/tariffs/*'])
    app.use(path, readYourWrites(deps));
  metricsRoute(app, deps);
  clientListRoute(app, deps);
  clientRoutes(app, deps);
  identifierRoutes(app, deps);
  identifierMoveRoute(app, deps);
  policyRoutes(app, deps);
  tariffOverviewRoute(app, deps);
  tariffRoutes(app, deps);
  tariffWithdrawalRoutes(app, deps);
  usageRoutes(app, deps);
  clientChartRoute(app, deps);
  readingsRoute(app, deps);
  noteRoutes(app, deps);
  coDebtorRoutes(app, deps);
  totalRoutes(app, deps);
  overviewRoute(app, deps);
  hourlyUsageRoutes(app, deps);
  askerRoutes(app, deps);
  rightsWhatIfRoute(app, deps);
  callerRoutes(app, deps);
  promotionRoutes(app, deps);
  routeRoutes(app, deps);
  probeRoutes(app, deps);
  uncountedRoutes(app, deps);
  breachRoutes(app, deps);
  invoiceRoutes(app, deps);
  invoiceBulkRoutes(app, deps);
  invoiceProofRoutes(app, deps);
  invoiceEvidenceRoute(app, deps);
  invoiceNumberRoutes(app, deps);
  documentRoutes(app, deps);
  draftRoutes(app, deps);
  sendRoute(app, deps);
  disputeRoutes(app, deps);
  collectionRoutes(app, deps);
  correctionRoutes(app, deps);
  proposalRoutes(app, deps);
  reportRoutes(app, deps);
  paymentImportRoute(app, deps);
  paymentRoutes(app, deps);
  entryRoutes(app, deps);
  statementRoutes(app, deps);
  inboxRoute(app, deps);
  billingHoldRoutes(app, deps);
  gapRoutes(app, deps);
  verificationRoutes(app, deps);
  whatIfRoutes(app, deps);
  rightsSettingRoutes(app, deps);
  rightsImportRoutes(app, deps);
  rightsSubjectRoutes(app, deps);
  rightsExplainRoute(app, deps);
  policyVersionRoutes(app, deps);
  policyCheckRoute(app, deps);
  sellerRoutes(app, deps);
  logoRoutes(app, deps);
  bankAccountRoutes(app, deps);
  numberSeriesRoutes(app, deps);
  taxRuleRoutes(app, deps);
  clauseRoutes(app, deps);
  dunningLevelRoutes(app, deps);
  tokenRoutes(app, deps);
  sessionRoutes(app, deps);
  auditRoutes(app, deps);
  receiverRoutes(app, deps);
  levelRoutes(app, deps);
  messageRoutes(app, deps);
  agentRoutes(app, deps);
  return app;
}

/** Delays the response to a write until the directory of this process includes it, so that a new key is valid at once. */
function readYourWrites({ refreshDirectory, log }: AdminDeps): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    await next();
    if (c.req.method === 'GET' || c.req.method === 'HEAD' || !c.res.ok) return;
    await refreshDirectory().catch((error: unknown) => {
      log.warn(
        { err: error },
        'a change is in the ledger but not in use yet; it takes effect at the next read of the directory',
      );
    });
  };
}

function guard(app: AdminApp): void {
  // `same-origin` keeps the Origin header of the console's forms; `no-referrer` would remove it.
  app.use(secureHeaders({ referrerPolicy: 'same-origin' }));
  app.use(async (c, next) => {
    await next();
    // Responses contain keys, tokens and invoices, so no cache may keep them.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        httpProblemResponse(
          c,
          new HttpProblem(405, `Method not allowed. Allowed: ${methods.join(', ')}.`, {
            headers: { allow: methods.join(', ') },
          }),
        ),
    }),
  );
  const limits = new Map(
    [...Object.values(MAX_BYTES_OF_PATH), MAX_BODY_BYTES].map((max) => [max, limitOf(max)]),
  );
  app.use((c, next) => limits.get(MAX_BYTES_OF_PATH[c.req.path] ?? MAX_BODY_BYTES)!(c, next));
}

function limitOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new HttpProblem(413, `The body exceeds ${maxSize} bytes. Nothing was stored; send it in parts.`);
    },
  });
}

const TAGS = {
  agents: 'Automated clients with a name of their own, and how their claims are checked.',
  alerts: 'Receivers, levels, the events that are sent to receivers, and the log of messages.',
  audit: 'Changes, with the actor, the time and the reason.',
  breaches: 'Periods in which a client exceeded its threshold.',
  callers: 'Unknown callers, in groups, and their promotion to clients.',
  clients: 'The parties that are metered and invoiced.',
  documents: 'Documents of invoices: PDF, e-invoices, letters, and to whom they were sent.',
  health: 'Liveness, readiness and metrics of the process.',
  identifiers: 'The keys and address ranges by which the gateway recognises a client.',
  inbox: 'What waits for a person.',
  invoices: 'Drafts, approvals and issued invoices.',
  'billing-holds': 'Billing holds and their release.',
  payments: 'Money that came in, what it pays, and the accounts of clients.',
  policies: 'Decisions of operators about single clients, independent of their tariffs.',
  proposals: 'Actions of money that wait for the decision of a second person.',
  reports: 'Financial reports.',
  rights: 'The registry of rights, who asked, and what was or would be withheld.',
  sellers: 'The legal entities that claim, with their bank accounts, number series, taxes and clauses.',
  sessions: 'Sign-ins to the console.',
  tariffs: 'Thresholds, prices and licences, by version.',
  terms: 'The published policy, by version: documents, differences and checks.',
  tokens: 'Tokens for this API.',
  usage: 'Posts, requests and bytes by client and time.',
  'what-ifs': 'Other terms tried on usage that was metered.',
};

function describe(app: AdminApp, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token from `postmeter token create`, or ADMIN_TOKEN. Roles: operator, finance, rights, admin, viewer.',
  });
  const settings = {
    openapi: '3.1.0',
    info: {
      title: 'Postmeter administration',
      version,
      description: 'Clients, their identifiers and tariffs, usage, breaches and invoices.',
      contact: { name: 'The operators of this Postmeter' },
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, about]) => ({ name, description: about })),
  };
  app.get('/v1/openapi.json', (c) => c.json(withRoleSentences(app.getOpenAPI31Document(settings))));
}

type Document = ReturnType<AdminApp['getOpenAPI31Document']>;

/** Appends the required roles to the description of each operation. */
function withRoleSentences(document: Document): Document {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    const roles: readonly string[] | undefined = operation['x-roles'];
    if (roles === undefined) continue;
    const sentence = `Requires the role ${roles.join(' or ')}.`;
    operation.description = [operation.description, sentence].filter(Boolean).join(' ');
  }
  return document;
}

function wholeOf(target: string): string {
  return target === 'json' ? 'body' : target;
}
