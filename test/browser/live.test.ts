/** Pages that renew themselves: what changes appears, and what the person works with stays. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function openAudit(): Promise<Page> {
  const { page } = visit;
  const listening = page.waitForRequest(/\/live\?/);
  await page.goto(`${rig.url}/audit`);
  await listening;
  // The first look has taken place: what changes from now on is seen.
  await page.waitForTimeout(500);
  return page;
}

test('a change appears within five seconds without a reload', async () => {
  const page = await openAudit();
  await page.evaluate('window.isSamePage = true');
  await addClient('appears');
  await page.getByText('clients/appears').waitFor({ timeout: 5_000 });
  expect(await page.evaluate('window.isSamePage')).toBe(true);
});

test('focus, entered text, open details and the scroll position stay', async () => {
  await addClient('kept');
  const page = await openAudit();
  await page.locator('details').first().locator('summary').click();
  await page.getByLabel('Words').fill('typed');
  await page.evaluate('scrollTo(0, 40)');
  const scrolled = await page.evaluate('scrollY');
  for (const id of ['renews-1', 'renews-2']) {
    await addClient(id);
    await page.getByText(`clients/${id}`).waitFor();
  }
  expect(await page.getByLabel('Words').inputValue()).toBe('typed');
  expect(await page.evaluate('document.activeElement.name')).toBe('q');
  expect(await page.locator('details[open]').count()).toBe(1);
  expect(await page.evaluate('scrollY')).toBe(scrolled);
});

test('with Live off, nothing changes, and the choice is remembered', async () => {
  const page = await openAudit();
  await page.getByRole('button', { name: 'Live' }).click();
  await addClient('unseen');
  await page.waitForTimeout(5_000);
  expect(await page.getByText('clients/unseen').count()).toBe(0);
  await page.goto(`${rig.url}/audit`);
  expect(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed')).toBe('false');
  await page.getByRole('button', { name: 'Live' }).click();
});
