/** The forms of the console in a browser without script: filters, actions with confirmation, and refusals beside fields. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../admin/api-rig.ts';
import { openBrowser, type Visit, visitConsole } from './visit.ts';

let rig: ApiRig;
let browser: Browser;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  rig = await apiRig('pglite', 'browser-forms');
  for (const id of ['acme', 'globex', 'initech']) {
    await rig.call('POST', '/v1/clients', { json: { id, name: id.toUpperCase() } });
  }
  browser = await openBrowser();
  visit = await visitConsole(browser, rig.url, ADMIN_TOKEN, false);
  page = visit.page;
});
afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

const open = (path: string) => page.goto(rig.url + path);
const press = (name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click();
/** Waits for the notice after an action, or for a sentence of it. */
const says = (text: string) => page.locator('.notice', { hasText: text }).first().waitFor();
const itemsOf = async (path: string) => (await rig.call('GET', path)).json.items;

test('a client is added, found by the filter, and renamed', async () => {
  await open('/clients');
  await page.locator('#add summary').click();
  await page.getByLabel('Name', { exact: true }).fill('Hooli');
  await page.locator('#field-id').fill('hooli');
  await press('Add the client');
  await says('The client was added');
  expect(await page.locator('tbody tr').count()).toBe(1);
  await page.getByLabel('Search').fill('glob');
  await press('Filter');
  expect(new URL(page.url()).searchParams.get('q')).toBe('glob');
  expect(await page.locator('tbody a').first().innerText()).toBe('globex');
  await page.locator('tbody a').first().click();
  await page.locator('#field-name').fill('Globex BV');
  await press('Rename');
  expect(await page.locator('h1').innerText()).toBe('Globex BV');
});

test('what is wrong is said beside the field, and the entered values stay', async () => {
  await open('/clients');
  await page.locator('#add summary').click();
  await page.getByLabel('Name', { exact: true }).fill('Taken');
  await page.locator('#field-id').fill('acme');
  await press('Add the client');
  expect(await page.locator('#field-name').inputValue()).toBe('Taken');
  expect(await page.locator('#field-id').getAttribute('aria-invalid')).toBe('true');
});

test('columns are chosen, and selected clients are put on hold', async () => {
  await open('/clients');
  await page.locator('.chooser summary').click();
  await page.getByLabel('Pace').uncheck();
  await page.getByLabel('Threshold', { exact: true }).check();
  await press('Show these');
  const heads = await page.locator('table th').allInnerTexts();
  expect(heads).toContain('Threshold');
  expect(heads).not.toContain('Pace');
  await page.getByLabel('Select acme').check();
  await page.getByLabel('Select globex').check();
  await press(/billing hold/);
  await page.getByLabel('Reason').fill('the claim is disputed');
  await press('Put 2 clients on hold');
  await says('2 clients put on hold.');
  expect(await itemsOf('/v1/billing-holds')).toHaveLength(2);
});

test('a key is added and shown once, and moves to another client after a preview', async () => {
  await open('/clients/acme');
  await page.getByText(/^Add a key/).click();
  await press('Add');
  await says('It is shown only now');
  await open('/clients/acme');
  await page.getByRole('link', { name: 'Move' }).click();
  await page.getByLabel('To the client').fill('initech');
  await page.getByLabel('Usage from').fill('2026-01-01T00:00');
  await page.getByLabel('Reason').fill('sold with the key');
  await press('Preview');
  expect(await page.locator('main').innerText()).toContain('Posts moved');
  expect(await itemsOf('/v1/clients/initech/identifiers')).toEqual([]);
  await press('Move the identifier');
  await says('moved with its usage');
  expect(await itemsOf('/v1/clients/initech/identifiers')).toHaveLength(1);
});

test('a note, billing details, a policy and mail to the client are stored', async () => {
  await open('/clients/initech');
  await page.locator('form:has([value=note]) textarea').fill('called them');
  await page.locator('form:has([value=note]) button').click();
  await says('The note is added');
  await page.locator('#field-legalName').fill('Initech Inc.');
  await page.locator('form:has([value=billing]) button').click();
  await says('billing details are stored');
  await page.getByLabel('Mailbox').fill('ap@initech.example');
  await press('Tell the client');
  await says('The client gets mail');
  expect(await itemsOf('/v1/receivers')).toMatchObject([{ kind: 'client', clients: ['initech'] }]);
});

test('a tariff is tried, stored, and ended', async () => {
  await open('/tariffs/new?client=globex');
  await page.getByLabel('Threshold').first().fill('500000');
  await press('Preview');
  await page.waitForURL(/whatIf=/);
  await page.getByLabel('Reason').waitFor({ timeout: 60_000 });
  await page.getByLabel('Reason').fill('settlement');
  await press('Store the version');
  await says('The version is stored');
  // The version begins with the next minute.
  rig.nowMs = Date.now() + 120_000;
  await open('/tariffs');
  await page.getByRole('link', { name: 'End the own terms of globex' }).click();
  await page.getByLabel('Reason').fill('the settlement has ended');
  await press('Follow the default tariff');
  await says('follows the default tariff');
  const [{ terms }] = await itemsOf('/v1/clients/globex/tariffs?limit=1');
  expect(terms).toBeNull();
});

test('a receiver is added with its secret, tested, and removed', async () => {
  await open('/alerts');
  await page.getByLabel('Name').fill('SOC');
  await page.getByLabel('Address').fill('https://hooks.example/x');
  await press('Add the receiver');
  expect(await page.locator('main').innerText()).toContain('whsec_');
  await page.getByRole('link', { name: 'To the receiver' }).click();
  await press('Send a test');
  await says('A test is due now');
  await page.getByRole('link', { name: 'Remove' }).click();
  await press('Remove the receiver');
  await says('The receiver is removed');
});

test('levels are set, the ledger is verified, and a hold is released', async () => {
  await open('/alerts/levels');
  await page.locator('input[name=levels], textarea[name=levels]').first().fill('50, 100');
  await page.locator('main form[method=post] button').first().click();
  expect((await rig.call('GET', '/v1/levels')).json.levels).toEqual([50, 100]);
  await open('/health');
  await press('Verify now');
  await says('being verified');
  const release = page.locator('details:has-text("Release the hold")').first();
  await release.locator('summary').click();
  await release.getByLabel('Reason').fill('settled');
  await release.getByRole('button').click();
  await says('The hold is released');
});

test('downloads are files, and signing out ends the session', async () => {
  await open('/clients');
  const href = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
  const file = await visit.context.request.get(rig.url + href);
  expect(file.headers()['content-disposition']).toContain('attachment; filename="clients.csv"');
  await press('Sign out');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await open('/clients');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
});
