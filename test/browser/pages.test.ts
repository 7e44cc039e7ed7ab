/** Every page of the console in a browser: accessibility, widths, weights, no script, and the figures of the API. */

import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../admin/api-rig.ts';
import { BROWSER_PAGES } from './console-pages.ts';
import { seedConsole } from './seed-console.ts';
import { accessibilityFaults, openBrowser, type Visit, visitConsole } from './visit.ts';

const MAX_FIRST_LOAD = 60_000;
const MAX_LIST_HTML = 20_000;

/** The value at a path of fields: `now.total`. */
function valueAt(item: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce((value, name) => (value as Record<string, unknown> | null)?.[name] ?? null, item);
}

let rig: ApiRig;
let browser: Browser;
let visit: Visit;
let plain: Visit;
beforeAll(async () => {
  rig = await apiRig('pglite', 'browser-pages');
  await seedConsole(async (method, path, json) => {
    const { status, text } = await rig.call(method, path, { json });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  });
  browser = await openBrowser();
  visit = await visitConsole(browser, rig.url, ADMIN_TOKEN);
  plain = await visitConsole(browser, rig.url, ADMIN_TOKEN, false);
});
afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

describe.each(BROWSER_PAGES)('$path', ({ path, title }) => {
  test('opens without a message in the console, a fault of CSP or a request to another host', async () => {
    visit.faults.length = 0;
    const response = await visit.page.goto(rig.url + path);
    expect(response?.status()).toBe(200);
    await expect(visit.page.getByRole('heading', { level: 1 }).innerText()).resolves.toMatch(title);
    expect(visit.faults).toEqual([]);
    expect(await visit.page.locator('main script').count()).toBe(
      await visit.page.locator('main script[type="application/json"]').count(),
    );
  });

  test('has no fault of accessibility, wide or narrow, in light or dark', async () => {
    const { page } = visit;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page, ['color-contrast'])).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page, ['color-contrast'])).toEqual([]);
  });

  test('does not scroll sideways at 320 px', async () => {
    await visit.page.setViewportSize({ width: 320, height: 800 });
    expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    await visit.page.setViewportSize({ width: 1280, height: 900 });
  });

  test('is the same page without script, within its weight, and its links lead somewhere', async () => {
    const response = await plain.page.goto(rig.url + path);
    expect(response?.status()).toBe(200);
    const html = await response!.text();
    expect(html).toContain(' lang="en"');
    await expect(plain.page.locator('h1').innerText()).resolves.toMatch(title);
    const assets = await Promise.all(
      [...html.matchAll(/\/assets\/[^"]+/g)].map(async ([asset]) => (await fetch(rig.url + asset)).text()),
    );
    const sizes = [html, ...assets].map((text) => gzipSync(text).length);
    expect(sizes[0]).toBeLessThan(MAX_LIST_HTML);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_FIRST_LOAD);
    const links = await plain.page.locator('main a[href^="/"]').all();
    const targets = new Set(await Promise.all(links.map((link) => link.getAttribute('href'))));
    for (const target of targets) {
      const answer = await plain.context.request.get(rig.url + target, { maxRedirects: 0 });
      expect(`${target}: ${answer.status()}`).toMatch(/: (200|303)$/);
    }
  });

  test('shows what the API answers in the same moment', async () => {
    const { page } = visit;
    await page.goto(rig.url + path);
    for (const table of await page.locator('table[data-api]').all()) {
      const source = (await table.getAttribute('data-api'))!;
      const { items } = (await (await visit.context.request.get(rig.url + source)).json()) as {
        items: Record<string, unknown>[];
      };
      const rows = await table.locator('tbody tr').evaluateAll((found) =>
        found.map((row) =>
          [...row.querySelectorAll('[data-field]')].map((cell) => {
            const exact = cell.querySelector('time, data');
            return {
              field: cell.getAttribute('data-field')!,
              exact: exact?.getAttribute('datetime') ?? exact?.getAttribute('value') ?? null,
              text: cell.textContent,
            };
          }),
        ),
      );
      for (const [index, cells] of rows.entries()) {
        for (const { field, exact, text } of cells) {
          const value = valueAt(items[index], field);
          if (exact !== null) expect(`${source} ${field}: ${exact}`).toBe(`${source} ${field}: ${value}`);
          else expect(`${source} ${field}: ${text}`).toContain(value === null ? '–' : String(value));
        }
      }
    }
  });
});

describe('the frame', () => {
  test('the first Tab reaches the link that skips the navigation', async () => {
    const { page } = visit;
    await page.goto(`${rig.url}/audit`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  test('the menu of a narrow page opens and closes with the keyboard, and the focus returns', async () => {
    const { page } = visit;
    await page.setViewportSize({ width: 360, height: 800 });
    await page.goto(`${rig.url}/audit`);
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Health' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Health' }).waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Menu');
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('every control of the frame shows its focus', async () => {
    const { page } = visit;
    await page.goto(`${rig.url}/sessions`);
    const unseen: unknown[] = [];
    for (let count = 0; count < 12; count++) {
      await page.keyboard.press('Tab');
      const width = await page.evaluate('getComputedStyle(document.activeElement).outlineWidth');
      if (width !== '2px') unseen.push(await page.evaluate('document.activeElement.outerHTML.slice(0, 200)'));
    }
    expect(unseen).toEqual([]);
  });
});
