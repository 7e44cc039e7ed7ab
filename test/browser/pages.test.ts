/**
 * Every page of the console in a browser: accessibility, keyboard, widths, weights, no script, and the figures of the API.
 * The other deployments open each page too, and check accessibility again if its elements differ.
 */

import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASSETS } from '../../src/console/asset-route.ts';
import { ADMIN_TOKEN } from '../admin/api-rig.ts';
import { ask } from '../support/http/ask.ts';
import { BROWSER_PAGES, pathOf } from './console-pages.ts';
import { type SeededIds, seedConsole } from './seed-console.ts';
import { PLATFORM_PAGE, TARGETS, type Target } from './targets.ts';
import { accessibilityFaults, openBrowser, structureOf, type Visit, visitConsole } from './visit.ts';

const MAX_FIRST_LOAD = 60_000;
const MAX_LIST_HTML = 20_000;
/** Rules whose result depends on the width. The others see the same elements at every width. */
const WIDTH_RULES = ['color-contrast', 'target-size', 'scrollable-region-focusable'];

let browser: Browser;
/** Structures of pages that axe has checked. */
const checked = new Set<string>();
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

/** A target with its records, and a browser that is signed in to it. */
function useTarget(start: () => Promise<Target>) {
  const used = {} as { target: Target; visit: Visit; ids: SeededIds };
  beforeAll(async () => {
    used.target = await start();
    used.ids = await seedConsole(used.target.call, used.target.db);
    used.visit = await visitConsole(browser, used.target.url, ADMIN_TOKEN);
  });
  afterAll(async () => {
    // The stream of changes of an open page would hold up the end of the server.
    await used.visit?.context.close();
    await used.target?.stop();
  });
  return used;
}

const [[name, start], ...others] = TARGETS as [(typeof TARGETS)[number], ...typeof TARGETS];

describe(name, () => {
  const used = useTarget(start);
  let plain: Visit;
  /** Links of all pages with their status. */
  const followed = new Map<string, Promise<number>>();
  beforeAll(async () => {
    plain = await visitConsole(browser, used.target.url, ADMIN_TOKEN, false);
  });
  afterAll(() => plain?.context.close());

  describe.each(BROWSER_PAGES)('$path', (browserPage) => {
    let path: string;
    let status: number | undefined;
    beforeAll(async () => {
      path = pathOf(browserPage, used.ids);
      used.visit.faults.length = 0;
      await used.visit.page.setViewportSize({ width: 1280, height: 900 });
      status = (await used.visit.page.goto(used.target.url + path))?.status();
    });

    test('opens without a message in the console, a fault of CSP or a request to another host', async () => {
      const { page, faults } = used.visit;
      expect(status).toBe(200);
      await expect(page.getByRole('heading', { level: 1 }).innerText()).resolves.toMatch(browserPage.title);
      expect(faults).toEqual([]);
      const ids = await page.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map(({ id }) => id)`);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
      expect(await page.locator('main script').count()).toBe(
        await page.locator('main script[type="application/json"]').count(),
      );
    });

    test('has no fault of accessibility, wide or narrow, in light or dark', async () => {
      const { page } = used.visit;
      await page.setViewportSize({ width: 1280, height: 900 });
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await accessibilityFaults(page, ['color-contrast'])).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await accessibilityFaults(page, WIDTH_RULES)).toEqual([]);
      checked.add(await structureOf(page));
    });

    test('does not scroll sideways at 320 px', async () => {
      await used.visit.page.setViewportSize({ width: 320, height: 800 });
      expect(await used.visit.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    });

    test('is left by Tab after each of its controls had the focus, in their order and visibly', async () => {
      const { page } = used.visit;
      await page.setViewportSize({ width: 1280, height: 900 });
      const walked = await walkByTab(page);
      expect(walked.unseen).toEqual([]);
      expect(walked.order).toEqual(walked.controls);
    });

    test('is the same page without script, within its weight, and its links lead somewhere', async () => {
      const { page, context } = plain;
      const response = await page.goto(used.target.url + path);
      expect(response?.status()).toBe(200);
      const html = await response!.text();
      expect(html).toContain(' lang="en"');
      await expect(page.locator('h1').innerText()).resolves.toMatch(browserPage.title);
      const texts = [html, ...Object.values(ASSETS).map(({ text }) => text)];
      const sizes = texts.map((text) => gzipSync(text).length);
      expect(sizes[0]).toBeLessThan(MAX_LIST_HTML);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_FIRST_LOAD);
      for (const { path: asset } of Object.values(ASSETS)) expect(html).toContain(asset);
      const hrefs = await page
        .locator('main a[href^="/"]')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
      for (const href of new Set(hrefs)) {
        const known =
          followed.get(href) ??
          context.request.get(used.target.url + href, { maxRedirects: 0 }).then((answer) => answer.status());
        followed.set(href, known);
        expect(`${href}: ${await known}`).toMatch(/: (200|303)$/);
      }
    });

    test('shows what the API answers in the same moment', async () => {
      const { page, context } = used.visit;
      await page.goto(used.target.url + path);
      for (const table of await page.locator('table[data-api]').all()) {
        const source = (await table.getAttribute('data-api'))!;
        const answer = await context.request.get(used.target.url + source);
        const { items } = (await answer.json()) as { items?: Record<string, unknown>[] };
        if (items === undefined) continue;
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
      const { page } = used.visit;
      await page.goto(`${used.target.url}/audit`);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
    });

    test('the menu of a narrow page opens and closes with the keyboard, and the focus returns', async () => {
      const { page } = used.visit;
      await page.setViewportSize({ width: 360, height: 800 });
      await page.goto(`${used.target.url}/audit`);
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
      const { page } = used.visit;
      await page.goto(`${used.target.url}/sessions`);
      const unseen: unknown[] = [];
      for (let count = 0; count < 12; count++) {
        await page.keyboard.press('Tab');
        const width = await page.evaluate('getComputedStyle(document.activeElement).outlineWidth');
        if (width !== '2px')
          unseen.push(await page.evaluate('document.activeElement.outerHTML.slice(0, 200)'));
      }
      expect(unseen).toEqual([]);
    });
  });
});

describe.each(others)('%s', (targetName, startTarget) => {
  const used = useTarget(startTarget);

  test.each(BROWSER_PAGES)('has the page $path', async (browserPage) => {
    const { page, faults } = used.visit;
    const response = await page.goto(used.target.url + pathOf(browserPage, used.ids));
    expect(response?.status()).toBe(200);
    await expect(page.getByRole('heading', { level: 1 }).innerText()).resolves.toMatch(browserPage.title);
    const structure = await structureOf(page);
    if (!checked.has(structure)) expect(await accessibilityFaults(page)).toEqual([]);
    checked.add(structure);
    expect(faults).toEqual([]);
  });

  test.runIf(targetName === 'the bundled Worker')(
    "the platform's host serves neither pages nor files of the console",
    async () => {
      for (const path of [
        '/',
        '/sign-in',
        '/overview',
        '/live',
        '/v1/overview',
        ASSETS.css.path,
        ASSETS.js.path,
      ]) {
        const { status, body } = await ask(used.target.gatewayUrl!, path);
        expect([path, status, String(body)]).toEqual([path, 200, PLATFORM_PAGE]);
      }
    },
  );
});

/** The value at a path of fields: `now.total`. */
function valueAt(item: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce((value, name) => (value as Record<string, unknown> | null)?.[name] ?? null, item);
}

interface Walk {
  /** Indexes of the controls of the page that Tab can reach. */
  readonly controls: number[];
  /** Indexes in the order in which they had the focus. */
  readonly order: number[];
  /** Controls without a visible focus. */
  readonly unseen: string[];
}

/** Presses Tab from the beginning of `<main>` until the focus leaves it. */
async function walkByTab(page: Visit['page']): Promise<Walk> {
  await page.evaluate(`(() => {
    const main = document.querySelector('main');
    const all = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((e) => !e.disabled && e.type !== 'hidden' && e.checkVisibility({ visibilityProperty: true }));
    window.walk = { controls: all.map((_, at) => at), order: [], unseen: [], isOver: false };
    const note = ({ target }) => {
      const at = all.indexOf(target);
      if (at < 0) return;
      window.walk.order.push(at);
      const { outlineWidth, outlineStyle } = getComputedStyle(target);
      if (outlineWidth !== '2px' || outlineStyle === 'none') window.walk.unseen.push(target.outerHTML.slice(0, 200));
    };
    document.addEventListener('focusin', note);
    document.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget !== null && main.contains(relatedTarget)) return;
      if (window.walk.order.length === 0) return;
      window.walk.isOver = true;
      document.removeEventListener('focusin', note);
    });
    main.focus();
  })()`);
  const { length } = await page.evaluate<number[]>('walk.controls');
  // Fields of dates have several parts.
  for (let count = 0; count < 8 * (length + 1); count++) {
    if (await page.evaluate<boolean>('walk.isOver || walk.controls.length === 0')) break;
    await page.keyboard.press('Tab');
  }
  return page.evaluate<Walk>('walk');
}
