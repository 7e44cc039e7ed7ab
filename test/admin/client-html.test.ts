/** The page of one client, without script: what it shows, and what its forms do. */

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 2, 3, 12, 0, 30);
const END_MS = NOW_MS + 30_000;
const iso = (atMs: number) => new Date(atMs).toISOString();
const NAME = 'Acme <b>AI</b> \u202egpj 🧾';

let rig: ApiRig;
let visitor: ConsoleVisitor;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-client-html');
  rig.nowMs = NOW_MS - 40 * 24 * HOUR_MS;
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: NAME } });
  await rig.call('POST', '/v1/clients', { json: { id: 'quiet', name: 'Quiet' } });
  const tariff = (threshold: number) =>
    rig.call('POST', '/v1/clients/acme/tariffs', { json: { terms: { threshold }, reason: 'agreed' } });
  await tariff(900_000);
  rig.nowMs = NOW_MS - 40 * HOUR_MS;
  await tariff(1_000_000);
  rig.nowMs = NOW_MS;
  const counts = { requests: 40, refused: 1, bytes: 9_000, uncounted: 0 };
  await postgresUsageLedger(rig.db).take({
    ...{ journalId: 'gateway', firstSequence: 1, lastSequence: 1 },
    usage: Array.from({ length: 160 }, (_, back) => ({
      ...{ clientId: 'acme', identifierId: 'key', bucketMs: END_MS - (back + 1) * 20 * 60_000 },
      ...{ posts: back < 54 ? 25_000 : 2_000 + 100 * (back % 7), ...counts },
    })),
    gaps: [{ fromMs: NOW_MS - 32 * HOUR_MS, toMs: NOW_MS - 30 * HOUR_MS, responses: 3, posts: 40 }],
  });
  const breach = {
    ...{ client_id: 'acme', posts: 1_350_000, billed_posts: 1_350_000, peak_posts: 1_380_000 },
    ...{ currency: 'USD', amount_minor: 2_025_000, state: 'open', peak_at: iso(END_MS - HOUR_MS) },
    ...{ stretch_from: iso(END_MS - 30 * HOUR_MS), stretch_to: iso(END_MS + 18 * HOUR_MS) },
    ...{ from_at: iso(END_MS - 27 * HOUR_MS), to_at: iso(END_MS) },
  };
  const literals = Object.values(breach).map((value) => `'${value}'`);
  await rig.db.execute(
    `insert into breaches (id, ${Object.keys(breach).join(', ')}) values ('${uuidv7()}', ${literals})`,
  );
  visitor = await signIn(rig);
});
afterAll(() => rig.close());

const figure = (text: string, pointer: string) =>
  new RegExp(`<data class="count" value="(\\d+)" data-api="/v1/clients/acme/chart#/${pointer}"`).exec(
    text,
  )?.[1];

test('shows the figures of the API, the chart with its table, and text as text', async () => {
  const { status, text } = await visitor.get('/clients/acme');
  expect(status).toBe(200);
  const chart = (await rig.call('GET', '/v1/clients/acme/chart')).json;
  expect(figure(text, 'total')).toBe(String(chart.total));
  expect(figure(text, 'peak/total')).toBe(String(chart.peak.total));
  expect(chart.total).toBe(
    54 * 25_000 +
      18 * 2_000 +
      100 *
        [54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71].reduce(
          (sum, back) => sum + (back % 7),
          0,
        ),
  );
  const drawn = JSON.parse(/data-points="([^"]*)"/.exec(text)![1]!);
  expect(drawn).toEqual(chart.points.map(({ min, max, posts }: Record<string, number>) => [min, max, posts]));
  expect(text).toContain('The total exceeds the threshold of 900,000, later 1,000,000 posts from ');
  expect(text).toContain('until the end of the range');
  expect(text).toContain('Acme &lt;b&gt;AI&lt;/b&gt;');
  expect(text).not.toContain('<b>AI');
  expect(text).not.toMatch(/ style=|<script(?! type="module" src)/);
  // The sum of the posts in the table is that of the points.
  const table = text.slice(text.indexOf('As a table'), text.indexOf('</details>'));
  const cells = [...table.matchAll(/<td class="figure"><data class="count" value="(\d+)"/g)].map(
    ([, value]) => Number(value),
  );
  const posts = cells.filter((_, index) => index % 3 === 0).reduce((sum, one) => sum + one, 0);
  expect(posts).toBe(chart.points.reduce((sum: number, one: { posts: number }) => sum + one.posts, 0));
});

test('shows the readings of the newest breach side by side, and those of terms to try', async () => {
  const { text } = await visitor.get('/clients/acme');
  const range = `from=${iso(END_MS - 27 * HOUR_MS)}&to=${iso(END_MS)}`;
  const { combinations } = (await rig.call('GET', `/v1/clients/acme/readings?${range}`)).json;
  expect(combinations).toHaveLength(6);
  for (const { amount } of combinations) expect(text).toContain(`value="${amount}"`);
  expect(text).toMatch(/<mark><data class="money" value="\d+\.\d\d"/);
  const tried = (await visitor.get('/clients/acme?threshold=500000&price=100.00')).text;
  expect(tried).toContain('under the given terms');
  const faulty = await visitor.get('/clients/acme?threshold=0');
  expect(faulty.status).toBe(200);
  expect(faulty.text).toContain('<code>threshold</code> is below 1');
});

test('marks what a version of the tariff changed, and draws the change at its minute', async () => {
  const { text } = await visitor.get('/clients/acme');
  expect(text).toContain('<mark>threshold 1000000</mark>');
  expect(text).toContain('threshold 900000');
  expect(text).not.toContain('<mark>block');
  expect(text).toMatch(/Own tariff v2, damages: since <time datetime="2026-03-01T20:01:00Z"/);
  expect(text).toContain('Not metered for any client');
});

test.each([
  ['7d', 7],
  ['30d', 30],
])('shows the last %s', async (range, days) => {
  const { text } = await visitor.get(`/clients/acme?range=${range}`);
  const from = Number(/data-from="(\d+)"/.exec(text)![1]);
  expect(Math.round((END_MS - from) / (24 * HOUR_MS))).toBe(days);
});

test('shows a client without usage, and an unknown client as not found', async () => {
  const quiet = await visitor.get('/clients/quiet');
  expect(quiet.status).toBe(200);
  for (const words of ['took no posts in this range', 'never exceeded its threshold', 'No notes']) {
    expect(quiet.text).toContain(words);
  }
  expect((await visitor.get('/clients/nobody')).status).toBe(404);
});

describe('the forms', () => {
  const send = (fields: Record<string, string>) => visitor.post('/clients/acme', fields);

  test('add a note, change the name and the billing details', async () => {
    const noted = await send({ action: 'note', text: 'Called.\n<i>They pay.</i>' });
    expect([noted.status, noted.location]).toEqual([303, '/clients/acme?done=note']);
    expect((await visitor.get(noted.location!)).text).toContain('&lt;i&gt;They pay.&lt;/i&gt;');
    const details = {
      legalName: 'Acme AI, Inc.',
      address: '1 Main St',
      email: '',
      taxId: '',
      currency: 'USD',
    };
    expect((await send({ action: 'billing', ...details })).status).toBe(303);
    expect((await rig.call('GET', '/v1/clients/acme')).json.billing).toEqual({
      ...details,
      ...{ email: null, taxId: null },
    });
  });

  test('come back with what was entered and the reason', async () => {
    const faulty = await send({ action: 'billing', email: 'nobody', legalName: 'Kept' });
    expect(faulty.status).toBe(400);
    expect(faulty.text).toContain('E-mail is not an e-mail address: use the form billing@example.com');
    expect(faulty.text).toContain('value="Kept"');
  });

  test('add a key, which is shown once, and revoke it after a confirmation', async () => {
    const added = await send({ action: 'identifier', kind: 'api_key', key: '', cidr: '' });
    expect(added.status).toBe(200);
    const key = /<code>(pmk_[\w-]+)<\/code>/.exec(added.text)![1]!;
    const later = await visitor.get('/clients/acme');
    expect(later.text).not.toContain(key);
    expect(later.text).toContain(`…${key.slice(-4)}`);
    const path = /href="([^"]*\/revoke)"/.exec(later.text)![1]!;
    expect((await visitor.get(path)).text).toContain('Revoke the identifier');
    expect((await visitor.post(path, {})).location).toBe('/clients/acme?done=revoked');
    const { items } = (await rig.call('GET', '/v1/clients/acme/identifiers')).json;
    expect(items[0].revokedAt).not.toBeNull();
  });

  test('move a range to another client', async () => {
    await send({ action: 'identifier', kind: 'cidr', key: '', cidr: '203.0.113.0/24' });
    const { items } = (await rig.call('GET', '/v1/clients/acme/identifiers')).json;
    const { id } = items.find(({ kind }: { kind: string }) => kind === 'cidr');
    const path = `/clients/acme/identifiers/${id}/move`;
    const move = { to: 'quiet', from: '2026-03-03T11:00', until: '', reason: 'theirs' };
    const faulty = await visitor.post(path, { ...move, to: 'nobody' });
    expect([faulty.status, faulty.text.includes('does not exist: nobody')]).toEqual([400, true]);
    const preview = await visitor.post(path, move);
    expect([preview.status, preview.text.includes('name="confirmed" value="yes"')]).toEqual([200, true]);
    expect((await rig.call('GET', '/v1/clients/quiet/identifiers')).json.items).toEqual([]);
    const moved = await visitor.post(path, { ...move, confirmed: 'yes' });
    expect(moved.location).toBe('/clients/acme?done=moved');
    expect((await rig.call('GET', '/v1/clients/quiet/identifiers')).json.items).toHaveLength(1);
  });

  test('put billing on hold, show it in a band, and release it', async () => {
    expect((await send({ action: 'hold', holdReason: 'a complaint' })).status).toBe(303);
    const held = (await visitor.get('/clients/acme')).text;
    expect(held).toContain('Billing is on hold: operator');
    const hold = /name="hold" value="([^"]*)"/.exec(held)![1]!;
    expect((await send({ action: 'release', hold, [`why-${hold}`]: 'settled' })).status).toBe(303);
    expect((await visitor.get('/clients/acme')).text).not.toContain('Billing is on hold');
  });

  test('set and remove a policy', async () => {
    expect((await send({ action: 'policy', policy: 'slow', rate: '5', policyReason: 'fast' })).status).toBe(
      303,
    );
    expect((await rig.call('GET', '/v1/clients/acme/policy')).json).toMatchObject({ ratePerSecond: 5 });
    expect((await send({ action: 'remove-policy' })).status).toBe(303);
    expect((await rig.call('GET', '/v1/clients/acme/policy')).status).toBe(404);
  });

  test('are absent without the role', async () => {
    const viewer = await signIn(rig, await rig.tokenWith('viewer'));
    expect((await viewer.get('/clients/acme')).text).not.toContain('name="action"');
    const finance = (await (await signIn(rig, await rig.tokenWith('finance'))).get('/clients/acme')).text;
    expect(finance).toContain('value="billing"');
    expect(finance).not.toContain('value="identifier"');
  });
});
