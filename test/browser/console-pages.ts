/** The pages of the console that the tests in a browser open. A new page is a new row. */

export interface BrowserPage {
  readonly path: string;
  /** The heading. */
  readonly title: string | RegExp;
}

/** `seedConsole` makes the records that the paths name. */
export const BROWSER_PAGES: readonly BrowserPage[] = [
  { path: '/overview', title: 'Overview' },
  { path: '/clients', title: 'Clients' },
  { path: '/clients/acme', title: /ACME/ },
  { path: '/callers', title: /callers/i },
  { path: '/tariffs', title: 'Tariffs' },
  { path: '/what-if', title: 'What-if' },
  { path: '/routes', title: 'Routes' },
  { path: '/routes/probe', title: /probe/i },
  { path: '/invoices', title: 'Invoices' },
  { path: '/alerts', title: /./ },
  { path: '/alerts/levels', title: /./ },
  { path: '/alerts/events', title: /./ },
  { path: '/alerts/messages', title: /./ },
  { path: '/audit', title: 'Audit' },
  { path: '/audit?under=clients%2Facme', title: 'Audit' },
  { path: '/health', title: 'Health' },
  { path: '/sessions', title: 'Sessions' },
];
