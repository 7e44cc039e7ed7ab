/** The pages of financial reports and of the inbox. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { addRandomBook } from '../adapters/postgres/report/random-book.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

let rig: ApiRig;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-report-pages');
  rig.nowMs = Date.UTC(2026, 2, 2, 12);
  visitor = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(() => rig.close());

test('without figures, a report says so, with its formula', async () => {
  const list = await visitor.get('/reports');
  expect(list.text).toContain('href="/reports/ageing"');
  for (const [, path] of list.text.matchAll(/href="(\/reports\/[a-z-]+)"/g)) {
    const page = await visitor.get(path!);
    expect(page.status, path).toBe(200);
    expect(page.text, path).toContain('Nothing to report');
    expect(page.text, path).toContain('How the figures are computed');
  }
});

test('a wrong parameter is explained, and an unknown report is not found', async () => {
  const page = await visitor.get('/reports/revenue?from=2026-02-02&to=2026-02-01');
  expect(page.status).toBe(400);
  expect(page.text).toContain('is after');
  expect((await visitor.get('/reports/profit')).status).toBe(404);
});

test('a report shows the figures of the API, its totals, and a link to CSV with the same filter', async () => {
  await addRandomBook(rig.db, 5, 40);
  const query = 'from=2025-05-01&to=2026-03-02&currency=USD';
  const page = await visitor.get(`/reports/revenue?${query}`);
  const { rows, totals } = (await rig.call('GET', `/v1/reports/revenue?${query}`)).json;
  expect(rows.length).toBeGreaterThan(5);
  for (const { net, open } of [...rows, ...totals]) {
    expect(page.text).toContain(`value="${net}"`);
    expect(page.text).toContain(`value="${open}"`);
  }
  expect(totals).toHaveLength(1);
  expect(page.text).toContain(`/v1/reports/revenue?${query.replaceAll('&', '&amp;')}&amp;format=csv`);
  expect(page.text).toMatch(/aria-label="Net by month: at most [\d,.]+ USD \(2025-\d\d\)\."/);
});

test('the inbox shows what the roles of the person can act on, or everything, and the overview counts it', async () => {
  const mine = await visitor.get('/inbox');
  expect(mine.text).toContain('Nothing waits');
  expect(mine.text).toContain('Your roles have nothing to act on.');
  const { items, counts } = (await rig.call('GET', '/v1/inbox?all=true')).json;
  expect(counts.map(({ kind }: { kind: string }) => kind)).toEqual([
    'disputed',
    'reminder_due',
    'unallocated',
  ]);
  const all = await visitor.get('/inbox?all=true');
  for (const { title, action, amount } of items) {
    expect(all.text).toContain(title);
    expect(all.text).toContain(`href="${action.href}"`);
    expect(all.text).toContain(`value="${amount}"`);
  }
  const finance = await signIn(rig, await rig.tokenWith('finance'));
  expect((await finance.get('/overview')).text).toContain(`Reminders due: ${counts[1].items}`);
  expect((await visitor.get('/overview')).text).not.toContain('Waiting for you');
});
