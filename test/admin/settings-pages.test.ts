/** The pages of settings: sellers, one seller with what belongs to it, and clauses. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { pngOf } from '../support/png.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const SELLER = '/settings/sellers/default';
const DETAILS = {
  ...{ action: 'details', defaultLanguage: 'de', termsDays: '14', clauseFamily: 'x' },
  ...{ legalName: 'Platform <b>GmbH', city: 'Hamburg', country: 'DE' },
};

let rig: ApiRig;
let admin: ConsoleVisitor;
let viewer: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-settings-pages');
  admin = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(() => rig.close());
const seller = async () => (await rig.call('GET', '/v1/sellers/default')).json;

test('an administrator completes the default seller, and other roles only read it', async () => {
  expect((await admin.get('/settings')).text).toContain('href="/settings/sellers/default"');
  const stored = await admin.post(SELLER, DETAILS);
  expect([stored.status, stored.location]).toEqual([303, `${SELLER}?done=details`]);
  expect(await seller()).toMatchObject({ legalName: 'Platform <b>GmbH', termsDays: 14, isStrict: false });
  const page = await viewer.get(SELLER);
  expect(page.text).toContain('Platform &lt;b&gt;GmbH');
  expect(page.text).not.toContain('<form method="post" action="/settings');
  expect(page.text).not.toContain('name="action"');
  expect((await viewer.post(SELLER, DETAILS)).status).toBe(403);
});

test('a refusal names the field, keeps what was entered, and changes nothing', async () => {
  const before = await seller();
  const refused = await admin.post(SELLER, { ...DETAILS, country: 'XX', city: 'Bremen' });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('is not an ISO 3166-1 country code');
  expect(refused.text).toMatch(/name="city"[^>]*value="Bremen"/);
  expect((await admin.post(SELLER, { ...DETAILS, termsDays: '' })).status).toBe(400);
  expect(await seller()).toEqual(before);
});

test('texts are stored by language, and empty ones have the product words', async () => {
  await admin.post(SELLER, { action: 'texts', 'texts.de.title': 'Forderung', 'texts.en.title': ' ' });
  expect((await seller()).texts).toEqual({ de: { title: 'Forderung' } });
  await admin.post(SELLER, { action: 'texts' });
  expect((await seller()).texts).toEqual({});
});

test('a logo is uploaded, shown and removed', async () => {
  const upload = (file: Uint8Array<ArrayBuffer>, type: string) => {
    const form = new FormData();
    form.set('action', 'logo');
    form.set('file', new File([file], 'logo.png', { type }));
    const headers = { cookie: admin.cookie, 'sec-fetch-site': 'same-origin', accept: 'text/html' };
    return fetch(rig.url + SELLER, { method: 'POST', headers, body: form, redirect: 'manual' });
  };
  const svg = await upload(new TextEncoder().encode('<svg><script>alert(1)</script></svg>'), 'image/png');
  expect([svg.status, await svg.text()]).toEqual([400, expect.stringContaining('is not a PNG')]);
  expect((await upload(pngOf({ colorType: 6 }), 'image/png')).status).toBe(400);
  expect((await upload(pngOf(), 'image/png')).status).toBe(303);
  expect((await admin.get(SELLER)).text).toContain(`src="${SELLER}/logo"`);
  const shown = await admin.get(`${SELLER}/logo`);
  expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect((await admin.post(SELLER, { action: 'remove-logo' })).status).toBe(303);
  expect((await seller()).logo).toBeNull();
  expect((await admin.post(SELLER, { action: 'logo' })).text).toContain('choose a PNG');
});

test('bank accounts, series, tax rules and levels of dunning are added and archived', async () => {
  const bank = { action: 'bank', currency: 'EUR', holder: 'Platform', isDefault: 'yes', reason: 'opened' };
  const wrong = await admin.post(SELLER, { ...bank, iban: 'DE03120300000000202051' });
  expect(wrong.text).toContain('is not a valid IBAN');
  await admin.post(SELLER, { ...bank, iban: 'DE02 1203 0000 0000 2020 51' });
  await admin.post(SELLER, { ...bank, iban: 'DE02500105170137075030' });
  const [first, second] = (await rig.call('GET', '/v1/sellers/default/bank-accounts')).json.items;
  expect([first.isDefault, second.isDefault]).toEqual([false, true]);
  const on = { account: first.id, accountReason: 'the right one' };
  expect((await admin.post(SELLER, { action: 'bank-default', ...on })).status).toBe(303);
  expect((await admin.post(SELLER, { action: 'bank-archive', ...on, account: second.id })).status).toBe(303);
  const banks = (await rig.call('GET', '/v1/sellers/default/bank-accounts')).json.items;
  expect(banks.map((one: Record<string, unknown>) => [one.isDefault, one.archivedAt === null])).toEqual([
    [true, true],
    [false, false],
  ]);

  const series = { action: 'series', series: 'credits', credit_note: 'yes', prefix: 'CN-', width: '4' };
  expect((await admin.post(SELLER, series)).text).toContain('archive that series first');
  await admin.post(SELLER, { action: 'series-archive', series: 'invoices', seriesReason: 'split' });
  expect((await admin.post(SELLER, { ...series, isYearly: 'yes' })).location).toContain('done=series');
  expect((await viewer.get(SELLER)).text).toContain('CN-2026-0001');

  const tax = { action: 'tax', appliesTo: 'licence', buyerScope: 'domestic', category: 'S', rate: '19' };
  expect((await admin.post(SELLER, { ...tax, category: 'AE' })).status).toBe(400);
  expect((await admin.post(SELLER, tax)).location).toContain('done=tax');
  expect((await viewer.get(SELLER)).text).toContain('19.00 %');

  expect((await admin.post(SELLER, { action: 'dunning', levels: '[{' })).text).toContain('is not JSON');
  await admin.post(SELLER, { action: 'dunning', levels: '[{"daysAfterDue": 9}]' });
  expect((await viewer.get(SELLER)).text).toContain('9 days after the due date, by itself');
});

test('a seller and a clause are added, and a seller is archived', async () => {
  const added = await admin.post('/settings', { id: 'eu', legalName: 'Platform EU' });
  expect(added.location).toBe('/settings/sellers/eu');
  expect((await admin.post('/settings', { id: 'eu' })).text).toContain('choose another id');
  const clause = {
    ...{ id: 'own', family: 'own', variant: 'eu', name: 'Own <terms>', text: 'Section 5', source: 'x' },
    ...{ law: 'Germany', currency: 'EUR', price: '100.00', threshold: '1000', reason: 'published' },
    ...{ periods: '12 Any claim\n\n24 Others', validFrom: '2026-01-01T00:00' },
  };
  expect((await admin.post('/settings/clauses', { ...clause, price: 'much' })).status).toBe(400);
  expect((await admin.post('/settings/clauses', clause)).location).toBe('/settings/clauses?done=added');
  const shown = await viewer.get('/settings/clauses');
  expect(shown.text).toContain('Own &lt;terms&gt;');
  expect(shown.text).toContain('12 months (Any claim), 24 months (Others)');
  expect(shown.text).toContain('x-eu-2026-04-10');
  const template = await admin.get('/tariffs/new?clause=own');
  expect(template.text).toMatch(/name="threshold"[^>]*value="1000"/);
  const archived = await admin.post('/settings/sellers/eu', { action: 'archive', archiveReason: 'merged' });
  expect(archived.status).toBe(303);
  expect((await admin.get('/settings/sellers/eu')).text).not.toContain('name="action"');
  expect((await admin.get('/settings/sellers/none')).status).toBe(404);
});

test('the page of a client has the settings of the buyer and its co-debtors', async () => {
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  const path = '/clients/acme';
  const buyer = {
    ...{ action: 'buyer', 'buyer.city': 'Berlin', 'buyer.country': 'DE', 'buyer.termsDays': '7' },
    ...{ 'buyer.eInvoice': 'ubl', 'buyer.language': 'de' },
  };
  const refused = await admin.post(path, { ...buyer, 'buyer.country': 'XX' });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('buyer.country')]);
  expect((await admin.post(path, buyer)).location).toBe(`${path}?done=buyer`);
  expect((await rig.call('GET', '/v1/clients/acme')).json.buyer).toMatchObject({
    ...{ city: 'Berlin', country: 'DE', termsDays: 7, eInvoice: 'ubl', language: 'de', street: null },
  });
  const debtor = {
    ...{ action: 'co-debtor', 'debtor.legalName': 'ACME <Holding>', 'debtor.ground': 'parent' },
    'debtor.reason': 'register extract',
  };
  expect((await admin.post(path, { ...debtor, 'debtor.country': 'EU' })).status).toBe(400);
  expect((await admin.post(path, debtor)).location).toBe(`${path}?done=co-debtor`);
  const [{ id }] = (await rig.call('GET', '/v1/clients/acme/co-debtors')).json.items;
  expect((await viewer.get(path)).text).toContain('ACME &lt;Holding&gt;');
  await admin.post(path, { action: 'co-debtor-end', coDebtor: id, endReason: 'sold' });
  const [ended] = (await rig.call('GET', '/v1/clients/acme/co-debtors')).json.items;
  expect(ended.to).not.toBeNull();
});
