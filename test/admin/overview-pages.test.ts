/** The pages Overview and Clients, without script: figures equal /v1, filters and forms work. */

import { load } from 'cheerio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';
import { addClients, billAndSort, drawMinutes, serveMinutes } from './seeded-clients.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const HOSTILE = `<script>alert(1)</script>"onload=' ‮${'x'.repeat(150)} 🦜`;
let rig: ApiRig;
let visitor: ConsoleVisitor;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-overview-pages');
  rig.nowMs = NOW_MS;
  visitor = await signIn(rig);
});
afterAll(() => rig.close());

/** Every value of the page that names its field of `/v1/overview`, with the value that the API has. */
async function figuresOfOverview() {
  const $ = load((await visitor.get('/overview')).text);
  const { json } = await rig.call('GET', '/v1/overview');
  return $('data[data-api], time[data-api]')
    .toArray()
    .map(({ attribs }) => {
      const [, ...steps] = attribs['data-api']!.split('#')[1]!.split('/');
      const value: unknown = steps.reduce((at, step) => at[step], json);
      return { field: steps.join('.'), shown: attribs.value ?? attribs.datetime, value };
    });
}

test('an empty ledger says so and what to do next', async () => {
  expect((await visitor.get('/')).location).toBe('/overview');
  expect((await visitor.get('/overview')).text).toContain('No client has been served a post');
  expect((await visitor.get('/clients')).text).toContain('No client has a name yet');
});

test('the overview shows the figures of the API', async () => {
  await addClients(rig, [
    { id: 'acme', name: 'Acme AI' },
    { id: 'hostile', name: HOSTILE },
    ...Array.from({ length: 60 }, (_, n) => ({ id: `c${n}`, name: `Client ${n}` })),
  ]);
  await serveMinutes(rig, [
    ...Array.from({ length: 60 }, (_, n) => drawMinutes(`c${n}`, NOW_MS, 900, n)).flat(),
    { clientId: 'hostile', atMs: NOW_MS - 30_000 - MINUTE_MS, posts: 900_000, requests: 9, uncounted: 0 },
    { clientId: 'acme', atMs: NOW_MS - 30_000, posts: 1_600_000, requests: 9, uncounted: 0 },
  ]);
  await billAndSort(rig, NOW_MS);
  const figures = await figuresOfOverview();
  expect(figures.length).toBeGreaterThan(8);
  for (const { field, shown, value } of figures) expect(shown, field).toBe(String(value));
  const $ = load((await visitor.get('/overview')).text);
  const rows = $('tbody tr')
    .toArray()
    .map((row) => $(row).text().replaceAll(/\s+/g, ' '));
  expect(rows[0]).toMatch(
    /^acme Acme AI .*in breach.*1,600,000.*160\.0 %.*since 2026-03-02 12:00.*USD 24,000\.00 so far/,
  );
  expect(rows[1]).toContain('about 2026-03-02');
  expect($('[data-announce]').text().trim()).toBe('acme is over its threshold.');
  expect($('script:not([src])')).toHaveLength(0);
});

test('the list shows what the API lists, page by page', async () => {
  const first = load((await visitor.get('/clients')).text);
  const ids = (page: typeof first) =>
    page('tbody td:first-child a')
      .toArray()
      .map((a) => page(a).text());
  const { json } = await rig.call('GET', '/v1/clients?kind=named&sort=-share&limit=50');
  expect(ids(first)).toEqual(json.items.map(({ id }: { id: string }) => id));
  expect(first('.pager').text()).toContain('50 of 62 clients');
  expect(
    first('bdi')
      .toArray()
      .map((name) => first(name).text()),
  ).toContain(HOSTILE);
  const next = load((await visitor.get(first('.pager a[rel=next]').attr('href')!)).text);
  expect(ids(next)).toHaveLength(12);
  expect(first('th[aria-sort=descending]').text()).toContain('Of threshold');
  for (const link of first('th a').toArray())
    expect((await visitor.get(first(link).attr('href')!)).status).toBe(200);
});

test('filters stay in the links, and the CSV has the same rows', async () => {
  const $ = load((await visitor.get('/clients?q=acme&state=over&kind=all&seen=')).text);
  expect($('.chips li')).toHaveLength(4);
  expect($('tbody tr')).toHaveLength(1);
  const csv = await rig.call('GET', $('.aside a').attr('href')!);
  expect(
    csv.text
      .trim()
      .split('\r\n')
      .map((line) => line.split(',')[0]!.replace('\uFEFF', '')),
  ).toEqual(['client', 'acme']);
  expect((await visitor.get('/clients?q=nobody')).text).toContain('No client matches');
  expect((await visitor.get('/clients?sort=rich')).status).toBe(400);
});

test('a client is added by the form; a faulty form comes back with what was entered', async () => {
  const faulty = await visitor.post('/clients', { name: 'Wonka', id: 'Not an id' });
  expect(faulty.status).toBe(400);
  const $ = load(faulty.text);
  expect([$('#field-name').attr('value'), $('#field-id').attr('value')]).toEqual(['Wonka', 'Not an id']);
  expect($('#field-id-error').text()).toContain('has the wrong format');
  expect(await visitor.post('/clients', { name: 'Wonka', id: 'wonka' })).toMatchObject({ status: 303 });
  expect((await rig.call('GET', '/v1/clients/wonka')).json.name).toBe('Wonka');
});

test('viewers get no form and may not post one', async () => {
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  const { text, status } = await viewer.get('/clients');
  expect(status).toBe(200);
  expect(text).not.toContain('Add a client');
  expect((await viewer.post('/clients', { name: 'Other', id: 'other' })).status).toBe(403);
});
