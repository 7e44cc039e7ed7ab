/** The console: which pages there are, and how they are mounted on the admin application. */

import { Hono } from 'hono';
import { LIVE_PATH, refuseCrossSite } from '../admin/auth.ts';
import type { AdminApp, AdminDeps } from '../admin/deps.ts';
import { assetRoute } from './asset-route.ts';
import type { ConsoleEnv, ConsolePage, NavEntry } from './context.ts';
import { pageErrors, pageNotFound } from './failures.tsx';
import { pageHeaders } from './headers.ts';
import { LiveFeed, liveStream } from './live.ts';
import { alertLevelsPage } from './pages/alerts/levels.tsx';
import { alertEventsPage, alertMessagesPage } from './pages/alerts/log.tsx';
import { alertMessagePage } from './pages/alerts/message.tsx';
import { alertReceiverPage } from './pages/alerts/receiver.tsx';
import { alertsPage } from './pages/alerts/receivers.tsx';
import { agentsPage } from './pages/askers/agents.tsx';
import { askersPage } from './pages/askers/askers.tsx';
import { agentVerdictsPage } from './pages/askers/verdicts.tsx';
import { auditPage } from './pages/audit.tsx';
import { callersPage } from './pages/callers.tsx';
import { clientPage } from './pages/client/client.tsx';
import { moveIdentifierPage, revokeIdentifierPage } from './pages/client/identifier.tsx';
import { statementPage } from './pages/client/statement.tsx';
import { clientsPage } from './pages/clients.tsx';
import { healthPage } from './pages/health.tsx';
import { holdClientsPage } from './pages/hold.tsx';
import { inboxPage } from './pages/inbox.tsx';
import { approveInvoicePage, issueInvoicePage, rejectInvoicePage } from './pages/invoices/action.tsx';
import { bulkApprovePage, bulkIssuePage } from './pages/invoices/bulk.tsx';
import { invoiceClaimPage } from './pages/invoices/claim.tsx';
import { makeDocumentPage, makeLettersPage, sendDocumentsPage } from './pages/invoices/documents.tsx';
import { invoicePage } from './pages/invoices/invoice.tsx';
import { invoicesPage } from './pages/invoices/list.tsx';
import { overviewPage } from './pages/overview.tsx';
import { paymentImportPage } from './pages/payments/import.tsx';
import { paymentsPage } from './pages/payments/list.tsx';
import { paymentPage } from './pages/payments/payment.tsx';
import { policyEditPage } from './pages/policy/edit.tsx';
import { policyPage } from './pages/policy/policy.tsx';
import { policyVersionPage } from './pages/policy/version.tsx';
import { promotionPage } from './pages/promotion.tsx';
import { decideProposalPage } from './pages/proposals/decide.tsx';
import { proposalsPage } from './pages/proposals/list.tsx';
import { reportsPage } from './pages/reports/list.tsx';
import { reportPage } from './pages/reports/report.tsx';
import { rightsExplainPage } from './pages/rights/explain.tsx';
import { rightsImportPage } from './pages/rights/import.tsx';
import { rightsSubjectPage } from './pages/rights/subject.tsx';
import { rightsPage } from './pages/rights/subjects.tsx';
import { routeHoursPage } from './pages/routes/hours.tsx';
import { routesPage } from './pages/routes/list.tsx';
import { probePage } from './pages/routes/probe.tsx';
import { sessionsPage } from './pages/sessions.tsx';
import { clausesPage } from './pages/settings/clauses.tsx';
import { sellerLogoPage, sellerPage } from './pages/settings/seller.tsx';
import { settingsPage } from './pages/settings/sellers.tsx';
import { tariffNewPage } from './pages/tariffs/tariff-new.tsx';
import { tariffRetirePage } from './pages/tariffs/tariff-retire.tsx';
import { tariffWithdrawPage } from './pages/tariffs/tariff-withdraw.tsx';
import { tariffsPage } from './pages/tariffs/tariffs.tsx';
import { whatIfPage } from './pages/what-if/what-if.tsx';
import { whatIfResultPage } from './pages/what-if/what-if-result.tsx';
import { signInRoutes, signOut, withSession } from './session.tsx';

/** Every page, in the order of the navigation. */
const PAGES: readonly ConsolePage[] = [
  overviewPage,
  clientsPage,
  holdClientsPage,
  callersPage,
  promotionPage,
  whatIfPage,
  whatIfResultPage,
  tariffsPage,
  tariffNewPage,
  tariffWithdrawPage,
  tariffRetirePage,
  clientPage,
  statementPage,
  revokeIdentifierPage,
  moveIdentifierPage,
  routesPage,
  routeHoursPage,
  probePage,
  askersPage,
  agentsPage,
  agentVerdictsPage,
  policyPage,
  policyEditPage,
  policyVersionPage,
  rightsPage,
  rightsExplainPage,
  rightsImportPage,
  rightsSubjectPage,
  inboxPage,
  invoicesPage,
  bulkApprovePage,
  bulkIssuePage,
  invoicePage,
  makeDocumentPage,
  sendDocumentsPage,
  makeLettersPage,
  approveInvoicePage,
  issueInvoicePage,
  rejectInvoicePage,
  invoiceClaimPage,
  paymentsPage,
  paymentImportPage,
  paymentPage,
  proposalsPage,
  decideProposalPage,
  reportsPage,
  reportPage,
  alertsPage,
  alertLevelsPage,
  alertEventsPage,
  alertMessagesPage,
  alertMessagePage,
  alertReceiverPage,
  settingsPage,
  sellerPage,
  sellerLogoPage,
  clausesPage,
  auditPage,
  healthPage,
  sessionsPage,
];

const NAV: readonly NavEntry[] = PAGES.flatMap(({ path, nav }) =>
  nav === undefined ? [] : [{ path, ...nav }],
);

/** Adds the pages to `app`, which has the routes of `/v1`. */
export function mountConsole(app: AdminApp, deps: AdminDeps): AdminApp {
  const pages = new Hono<ConsoleEnv>();
  const session = withSession(app, deps, NAV);
  pages.onError(pageErrors(deps));
  for (const path of new Set([...PAGES.map((page) => page.path), '/', '/sign-in', '/sign-out'])) {
    pages.use(path, pageHeaders);
    pages.post(path, async (c, next) => {
      await refuseCrossSite(c);
      await next();
    });
  }
  signInRoutes(pages, deps);
  for (const { path, get, post } of PAGES) {
    pages.get(path, session, get);
    if (post !== undefined) pages.post(path, session, post);
  }
  pages.get('/', session, async (c) => c.redirect(NAV[0]!.path, 303));
  pages.post('/sign-out', session, signOut);
  const feed = new LiveFeed(deps.changes, deps.log);
  pages.get(LIVE_PATH, session, (c) => liveStream(c, feed));

  assetRoute(app);
  app.route('/', pages);
  app.notFound(pageNotFound);
  return app;
}
