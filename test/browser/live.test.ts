/** Pages that renew themselves: what changes appears and is announced, and what the person works with stays. */

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../admin/api-rig.ts';
import { openBrowser, type Visit, visitConsole } from './visit.ts';

let rig: ApiRig;
let browser: Browser;
let visit: Visit;
beforeAll(async () => {
  rig = await apiRig('pglite', 'browser-live');
  browser = await openBrowser();
  visit = await visitConsole(browser, rig.url, ADMIN_TOKEN);
});
afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

const addClient = (id: string) => rig.call('POST', '/v1/clients', { json: { id, name: id } });

async function openLive(path: string, page: Page = visit.page): Promise<Page> {
  const listening = page.waitForRequest(/\/live\?/);
  await page.goto(rig.url + path);
  await listening;
  // The first look has taken place: what changes from now on is seen.
  await page.waitForTimeout(500);
  return page;
}

test('a change appears within five seconds without a reload', async () => {
  const page = await openLive('/audit');
  await page.evaluate('window.isSamePage = true');
  await addClient('appears');
  await page.getByText('clients/appears').waitFor({ timeout: 5_000 });
  expect(await page.evaluate('window.isSamePage')).toBe(true);
});

test('a client that crosses its threshold is announced once', async () => {
  await addClient('crossing');
  const terms = { threshold: 100, price: '1.00', block: 1 };
  const validFrom = new Date(Date.now() - 600_000).toISOString();
  const json = { terms, reason: 'small', validFrom, correction: true };
  await rig.call('POST', '/v1/clients/crossing/tariffs', { json });
  const page = await openLive('/overview');
  await page.evaluate(`(() => {
    window.announced = [];
    const region = document.querySelector('body > [aria-live]');
    new MutationObserver(() => window.announced.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  })()`);
  for (const [index, posts] of [90, 30, 5].entries()) {
    const bucketMs = Math.floor(Date.now() / 60_000) * 60_000;
    const usage = [
      {
        clientId: 'crossing',
        identifierId: 'key',
        bucketMs,
        posts,
        requests: 1,
        refused: 0,
        bytes: 1,
        uncounted: 0,
      },
    ];
    const sequence = index + 1;
    const batch = { journalId: 'live', firstSequence: sequence, lastSequence: sequence, usage };
    await postgresUsageLedger(rig.db).take(batch);
    const total = [90, 120, 125][index]!;
    await page.locator(`tbody data[value="${total}"]`).first().waitFor();
  }
  expect(await page.evaluate('window.announced')).toEqual(['crossing is over its threshold.']);
});

/**
 * A page whose clock the test turns, and whose stream says at once that something has changed. The pause of two seconds
 * between two renewals then takes no real time.
 */
async function openTurned(
  path: string,
): Promise<{ page: Page; renew(times: number): Promise<void>; requests(): number }> {
  const page = await visit.context.newPage();
  let requests = 0;
  await page.clock.install();
  await page.route('**/live?*', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'retry: 5\nevent: changed\ndata: {}\n\n' }),
  );
  await page.goto(rig.url + path);
  page.on('request', (request) => {
    if (request.headers()['postmeter-live'] !== undefined) requests++;
  });
  return {
    page,
    requests: () => requests,
    renew: async (times) => {
      const until = requests + times;
      const answered = (count: number) =>
        page.waitForResponse(
          (response) => response.request().headers()['postmeter-live'] !== undefined && requests >= count,
        );
      while (requests < until) {
        const next = answered(requests + 1);
        await page.clock.runFor(2_000);
        await next;
      }
      // The answer is in the page.
      await page.clock.runFor(100);
    },
  };
}

test('focus, text, open details, a checked row, a selection and the scroll position survive 100 updates', async () => {
  for (let count = 0; count < 30; count++) await addClient(`row-${count}`);
  const { page, renew } = await openTurned('/clients');
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.locator('.chooser summary').click();
  await page.getByLabel('Select row-7').check();
  await page.evaluate(`getSelection().selectAllChildren(document.querySelector('caption'))`);
  const selected = await page.evaluate<string>('String(getSelection())');
  await page.getByLabel('Search').focus();
  await page.keyboard.type('typed');
  await page.evaluate('scrollTo(0, 60)');
  const scrolled = await page.evaluate('scrollY');
  await page.evaluate(`getSelection().selectAllChildren(document.querySelector('caption'))`);
  await addClient('added-meanwhile');
  await renew(100);
  expect(await page.getByText('added-meanwhile').count()).toBeGreaterThan(0);
  expect(await page.getByLabel('Search').inputValue()).toBe('typed');
  expect(await page.evaluate('document.activeElement.name')).toBe('q');
  expect(await page.locator('details[open] .check').count()).toBeGreaterThan(0);
  expect(await page.getByLabel('Select row-7').isChecked()).toBe(true);
  expect(selected.length).toBeGreaterThan(10);
  expect(await page.evaluate('String(getSelection())')).toBe(selected);
  expect(await page.evaluate('scrollY')).toBe(scrolled);
  await page.close();
});

test('with Live off, nothing is asked for in 30 seconds, and the choice is remembered', async () => {
  const { page, renew, requests } = await openTurned('/audit');
  await renew(1);
  await page.getByRole('button', { name: 'Live' }).click();
  const before = requests();
  await addClient('unseen');
  await page.clock.runFor(30_000);
  expect(requests()).toBe(before);
  expect(await page.getByText('clients/unseen').count()).toBe(0);
  await page.goto(`${rig.url}/audit`);
  const button = page.getByRole('button', { name: 'Live' });
  expect(await button.getAttribute('aria-pressed')).toBe('false');
  await button.click();
  await renew(1);
  await page.close();
});

/** Browsers report a page that is in the background as hidden. Here every page is in the foreground. */
const setHidden = (page: Page, isHidden: boolean) =>
  page.evaluate(`(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
    document.dispatchEvent(new Event('visibilitychange'));
  })()`);

test('a hidden page holds no connection, and catches up when it is seen again', async () => {
  const page = await openLive('/audit');
  const closed = page.waitForEvent('requestfailed', (request) => request.url().includes('/live?'));
  await setHidden(page, true);
  await closed;
  await addClient('while-hidden');
  const again = page.waitForRequest(/\/live\?/);
  await setHidden(page, false);
  await again;
  await page.getByText('clients/while-hidden').waitFor();
});

test('eight tabs load, because those in the background hold no connection', async () => {
  const context: BrowserContext = visit.context;
  const pages: Page[] = [];
  for (let count = 0; count < 8; count++) {
    const page = await context.newPage();
    await openLive('/audit', page);
    expect(await page.locator('h1').innerText()).toBe('Audit');
    await setHidden(page, true);
    pages.push(page);
  }
  await Promise.all(pages.map((page) => page.close()));
});
