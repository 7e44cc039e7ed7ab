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
    page('tbody tr > td.pick + td > a')
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

test('columns are chosen in the address, and stay when the filter changes', async () => {
  const { text } = await visitor.get('/clients?q=acme&kind=all&columns=total&columns=threshold');
  const $ = load(text);
  const heads = $('table th')
    .toArray()
    .map((head) =>
      $(head)
        .text()
        .replace(/ [▾▴]$/u, ''),
    );
  expect(heads).toEqual(['Selected', 'Client', 'Total', 'Threshold']);
  const kept = $('.filter input[type=hidden]').toArray();
  expect(kept.map((input) => $(input).val())).toEqual(['total', 'threshold']);
  expect($('.chooser input:checked').length).toBe(2);
  expect(
    $('.chooser input[type=hidden]')
      .toArray()
      .map((input) => $(input).attr('name')),
  ).toEqual(['q', 'kind']);
  expect($('th a').first().attr('href')).toContain('columns=total&columns=threshold');
});

test('the filter by tariff lists those with terms of their own in force, or all others', async () => {
  const idsOf = async (query: string) =>
    (await rig.call('GET', `/v1/clients?${query}`)).json.items.map(({ id }: { id: string }) => id);
  const all = await idsOf('kind=named&limit=200&sort=id');
  const body = (terms: unknown) => ({ json: { terms, reason: 'contract' } });
  await rig.call('POST', '/v1/clients/c1/tariffs', body({ kind: 'exempt' }));
  await rig.call('POST', '/v1/clients/c2/tariffs', body({ kind: 'exempt' }));
  const nowMs = rig.nowMs!;
  rig.nowMs = nowMs + 120_000;
  await rig.call('POST', '/v1/clients/c2/tariffs', body(null));
  rig.nowMs += 120_000;
  const own = await idsOf('kind=named&limit=200&sort=id&tariff=own');
  expect(own).toContain('c1');
  expect(own).not.toContain('c2');
  expect(await idsOf('tariff=own&state=exempt')).toEqual(['c1']);
  const others = await idsOf('kind=named&limit=200&sort=id&tariff=default');
  expect([...own, ...others].sort()).toEqual(all.toSorted());
  rig.nowMs = nowMs;
});

test('selected clients are put on billing hold with one reason, and each one that cannot be is named', async () => {
  const body = (...fields: [string, string][]) => new URLSearchParams(fields).toString();
  const send = (...fields: [string, string][]) =>
    rig.call('POST', '/holds/new', {
      ...{ token: null, body: body(...fields) },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...{ cookie: visitor.cookie, 'sec-fetch-site': 'same-origin', accept: 'text/html' },
      },
    });
  await rig.call('POST', '/v1/clients/c3/hold', { json: { reason: 'before' } });
  const asked = await send(['client', 'c3'], ['client', 'c4']);
  expect(asked.text).toContain('Put 2 clients on hold');
  const both: [string, string][] = [
    ['client', 'c3'],
    ['client', 'c4'],
    ['confirmed', 'yes'],
  ];
  const without = await send(...both, ['reason', '']);
  expect(without.status).toBe(400);
  expect(without.text).toContain('field-reason-error');
  const done = await send(...both, ['reason', 'claim']);
  expect(done.text).toContain('1 client put on hold, 1 unchanged');
  expect(done.text).toContain('is already on hold by an operator');
  const { items } = (await rig.call('GET', '/v1/billing-holds?client=c4')).json;
  expect(items).toMatchObject([{ reason: 'claim' }]);
  expect((await send()).text).toContain('No client is selected');
});

test('the wall display has the figures and no navigation, and keeps the session of a viewer alive', async () => {
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  const operator = await signIn(rig, await rig.tokenWith('viewer', 'operator'));
  const page = await viewer.get('/overview?wall');
  expect(page.text).toContain('Posts per second');
  expect(page.text).not.toContain('<nav');
  const renew = (cookie: string, path: string) =>
    rig.call('GET', path, { token: null, headers: { cookie, 'postmeter-live': '1', accept: 'text/html' } });
  const startMs = rig.nowMs!;
  for (let minutes = 20; minutes <= 80; minutes += 20) {
    rig.nowMs = startMs + minutes * 60_000;
    expect((await renew(viewer.cookie, '/overview?wall')).status).toBe(200);
    await renew(operator.cookie, '/overview?wall');
  }
  expect((await renew(operator.cookie, '/overview?wall')).status).toBe(303);
  rig.nowMs = startMs + 100 * 60_000;
  await renew(viewer.cookie, '/overview');
  rig.nowMs = startMs + 115 * 60_000;
  expect((await renew(viewer.cookie, '/overview')).status).toBe(303);
  rig.nowMs = startMs;
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
