/** Opens pages of the console in Chromium, signed in, and records what a page must not do. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Connects to the Chromium of the run. To close the result closes the contexts of this connection alone. */
export function openBrowser(): Promise<Browser> {
  return chromium.connect(inject('browserEndpoint'));
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console messages, errors, and requests to other hosts so far. */
  readonly faults: string[];
}

/** A page in a session of its own. @param script false switches the script off. */
export async function visitConsole(
  browser: Browser,
  url: string,
  token: string,
  script = true,
): Promise<Visit> {
  const context = await browser.newContext({ javaScriptEnabled: script });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => faults.push(`console: ${message.text()} at ${page.url()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message} at ${page.url()}`));
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(url) && !to.startsWith('data:')) faults.push(`request to ${to}`);
  });
  await page.goto(`${url}/sign-in?to=/sessions`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${url}/sessions`);
  return { context, page, faults };
}

/** What axe finds, with contrast that it cannot compute, one line each. */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  const options: RunOptions = {
    resultTypes: ['violations', 'incomplete'],
    runOnly: rules === undefined ? { type: 'tag', values: RULES } : { type: 'rule', values: [...rules] },
  };
  const found = await page.evaluate<AxeResults, RunOptions>(
    (asked) => (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run(asked),
    options,
  );
  const unclear = found.incomplete
    .filter(({ id }) => id === 'color-contrast')
    .map((one) => ({
      ...one,
      nodes: one.nodes.filter(
        ({ html, failureSummary }) => !html.startsWith('<text') && !isNotComputed(failureSummary),
      ),
    }));
  return [...found.violations, ...unclear].flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

/** Shapes beside words: axe does not compute their contrast. test/console/contrast.test.ts has the text of charts. */
function isNotComputed(summary = ''): boolean {
  return ['only non-text characters', 'too short to determine', 'contains an image node'].some((reason) =>
    summary.includes(reason),
  );
}

/** Which kinds of elements a page has, and where: equal for pages that differ in their values and rows alone. */
export async function structureOf(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const kind = (e) => [e.localName, e.getAttribute('class'), e.getAttribute('role'), e.getAttribute('type')].join('.');
    const kinds = new Set([...document.querySelectorAll('*')].map((e) =>
      (e.parentElement ? kind(e.parentElement) : '') + ' > ' + kind(e)));
    return [...kinds].sort().join('\\n');
  })()`);
}
