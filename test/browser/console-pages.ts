/** The pages of the console that the tests in a browser open. A new page is a new row. */

import type { SeededIds } from './seed-console.ts';

export interface BrowserPage {
  /** Ids that `seedConsole` returns are named in braces. */
  readonly path: string;
  /** The heading. */
  readonly title: string | RegExp;
}

export const BROWSER_PAGES: readonly BrowserPage[] = [
  { path: '/overview', title: 'Overview' },
  { path: '/overview?wall', title: 'Overview' },
  { path: '/clients', title: 'Clients' },
  { path: '/clients?kind=all&tariff=own&columns=total&columns=overAt&columns=comesTo', title: 'Clients' },
  { path: '/clients/acme', title: /ACME/ },
  { path: '/clients/globex/identifiers/{identifier}/move', title: /Move/ },
  { path: '/callers', title: /callers/i },
  { path: '/tariffs', title: 'Tariffs' },
  { path: '/tariffs/new', title: /New version/ },
  { path: '/tariffs/retire?client=acme', title: /own terms/ },
  { path: '/what-if', title: 'What-if' },
  { path: '/what-if/{whatIf}', title: 'What-if' },
  { path: '/routes', title: 'Routes' },
  { path: '/routes/hours?route=%2Fposts', title: /posts/ },
  { path: '/routes/probe', title: /probe/i },
  { path: '/askers', title: 'Askers' },
  { path: '/askers/agents', title: 'Agents' },
  { path: '/policy', title: 'Policy' },
  { path: '/policy/new', title: /New version/ },
  { path: '/policy/versions/1', title: /version 1/ },
  { path: '/rights', title: 'Rights' },
  { path: '/rights/subjects/{subject}', title: /author/ },
  { path: '/rights/explain?author=%3Cb%3Ejane', title: /Explain/ },
  { path: '/rights/import', title: /Import/ },
  { path: '/invoices', title: 'Invoices' },
  { path: '/invoices?state=to_approve', title: 'Invoices' },
  { path: '/invoices/{invoice}', title: /Invoice 1/ },
  { path: '/invoices/{invoice}/documents', title: 'Make a document' },
  { path: '/invoices/{invoice}/send', title: 'Send the invoice' },
  { path: '/invoices/{invoice}/claim', title: /Claim/ },
  { path: '/invoices?label=overdue&sort=due', title: 'Invoices' },
  { path: '/payments', title: 'Payments' },
  { path: '/payments/import', title: /Import/ },
  { path: '/clients/globex/statement', title: /Statement/ },
  { path: '/proposals', title: 'Proposals' },
  { path: '/inbox?all=true', title: 'Inbox' },
  { path: '/reports', title: 'Reports' },
  { path: '/reports/revenue', title: 'Revenue' },
  { path: '/reports/usage', title: 'Usage' },
  { path: '/alerts', title: 'Alerts' },
  { path: '/alerts/levels', title: /./ },
  { path: '/alerts/events', title: /./ },
  { path: '/alerts/messages', title: /./ },
  { path: '/alerts/messages/{message}', title: /./ },
  { path: '/alerts/receivers/{receiver}', title: /SOC/ },
  { path: '/settings', title: 'Settings' },
  { path: '/settings/sellers/default', title: /./ },
  { path: '/settings/clauses', title: 'Clauses' },
  { path: '/audit', title: 'Audit' },
  { path: '/audit?under=clients%2Facme', title: 'Audit' },
  { path: '/health', title: 'Health' },
  { path: '/sessions', title: 'Sessions' },
];

/** The path with the ids of the seed. */
export function pathOf({ path }: BrowserPage, ids: SeededIds): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
}
