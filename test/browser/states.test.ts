/** The states of pages (empty, quiet, full, failing), the wall display, and pages on paper. */

import { sql } from 'drizzle-orm';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../admin/api-rig.ts';
import { type SeededIds, seedConsole } from './seed-console.ts';
import { openBrowser, type Visit, visitConsole } from './visit.ts';

const LISTS = ['/overview', '/clients', '/callers', '/what-if', '/invoices', '/alerts', '/alerts/messages'];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

function useRig(name: string) {
  const used = {} as { rig: ApiRig; visit: Visit };
  beforeAll(async () => {
    used.rig = await apiRig('pglite', name);
    used.visit = await visitConsole(browser, used.rig.url, ADMIN_TOKEN);
  });
  afterAll(async () => {
    await used.visit?.context.close();
    await used.rig?.close();
  });
  return used;
}

const textOf = async ({ page }: Visit, url: string) => {
  const response = await page.goto(url);
  return { status: response?.status(), text: await page.locator('main').innerText() };
};

describe('a ledger that is', () => {
  const used = useRig('browser-states');

  // The tests of this block take the ledger from one state to the next.
  test('empty says so on every list, and what to do next', async () => {
    for (const path of LISTS) {
      const { status, text } = await textOf(used.visit, used.rig.url + path);
      expect(status).toBe(200);
      expect(await used.visit.page.locator('.empty').count(), `${path}: ${text}`).toBeGreaterThan(0);
    }
  });

  test('quiet lists its clients without a total, and has no figure that is not a number', async () => {
    await used.rig.call('POST', '/v1/clients', { json: { id: 'quiet', name: 'Quiet' } });
    for (const path of ['/overview', '/clients', '/clients/quiet', '/health', '/routes']) {
      const { status, text } = await textOf(used.visit, used.rig.url + path);
      expect(status).toBe(200);
      expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    }
    expect((await textOf(used.visit, `${used.rig.url}/clients`)).text).toContain('1 of 1 client');
  });

  test('broken in one table fails in one panel, and the others stay', async () => {
    await used.rig.db.execute(sql`alter table gaps rename to gaps_away`);
    const { status, text } = await textOf(used.visit, `${used.rig.url}/health`);
    await used.rig.db.execute(sql`alter table gaps_away rename to gaps`);
    expect(status).toBe(200);
    expect(await used.visit.page.locator('section[aria-label=Gaps] .notice.bad').count()).toBe(1);
    expect(text).toContain('All checks of this process pass');
    expect(text).toContain('No client is on hold');
    used.visit.faults.length = 0;
  });

  test('unreadable as a whole answers with a page in words and no statement', async () => {
    await used.rig.db.execute(sql`alter table sessions rename to sessions_away`);
    const { status, text } = await textOf(used.visit, `${used.rig.url}/overview`);
    await used.rig.db.execute(sql`alter table sessions_away rename to sessions`);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(text).not.toMatch(/select|from sessions/i);
    expect(text.length).toBeGreaterThan(40);
  });
});

describe('a full ledger', () => {
  const used = useRig('browser-full');
  let ids: SeededIds;
  beforeAll(async () => {
    ids = await seedConsole(async (method, path, json) => {
      const { status, text, json: answer } = await used.rig.call(method, path, { json });
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
      return answer;
    }, used.rig.db);
  });

  test('is shown on a wall with no text under 24 px at 1920 px, and no controls but Live', async () => {
    const { page } = used.visit;
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.goto(`${used.rig.url}/overview?wall`);
    const small = await page.evaluate(`[...document.querySelectorAll('main *')]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '') && e.checkVisibility())
      .filter((e) => !e.closest('.hidden') && parseFloat(getComputedStyle(e).fontSize) < 24)
      .map((e) => e.outerHTML)`);
    expect(small).toEqual([]);
    expect(await page.locator('nav, form, input').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1920);
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(1080);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test.each([
    ['a client', () => '/clients/acme'],
    ['an invoice', () => `/invoices/${ids.invoice}`],
    ['the list of invoices', () => '/invoices'],
  ])('prints %s with every figure, without controls, and with rows in one piece', async (_what, path) => {
    const { page } = used.visit;
    await page.goto(used.rig.url + path());
    const figuresOf = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll('main data.money, main data.count')]
        .filter((one) => one.checkVisibility() && !one.closest('details, nav'))
        .map((one) => one.textContent)`);
    const onScreen = await figuresOf();
    await page.emulateMedia({ media: 'print' });
    expect(await figuresOf()).toEqual(onScreen);
    expect(onScreen.length).toBeGreaterThan(3);
    const controls =
      await page.evaluate(`[...document.querySelectorAll('.side, .skip, form, button, input, select')]
      .filter((one) => one.checkVisibility())
      .map((one) => one.outerHTML)`);
    expect(controls).toEqual([]);
    const breaks = await page.evaluate<string[]>(
      `[...document.querySelectorAll('tr')].map((row) => getComputedStyle(row).breakInside)`,
    );
    expect(new Set(breaks)).toEqual(new Set(['avoid']));
    const unnamed = await page.evaluate(`[...document.querySelectorAll('main a[href^="/v1/"]')]
      .filter((a) => a.checkVisibility() && !getComputedStyle(a, '::after').content.includes(a.getAttribute('href')))
      .map((a) => a.outerHTML)`);
    expect(unnamed).toEqual([]);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'screen' });
  });
});
