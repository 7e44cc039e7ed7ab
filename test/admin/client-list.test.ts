import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { addClients, billAndSort, drawMinutes, type ServedMinute, serveMinutes } from './seeded-clients.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const END_MS = NOW_MS + 30_000;
const CLIENTS = 40;
const HOSTILE = `<script>"onload=' ‮${'x'.repeat(170)} 🦜`;

/** Terms of the first clients. The others follow the default tariff. */
const TERMS = [
  { threshold: 2_000 },
  { threshold: 500, windowSeconds: 3_600 },
  { threshold: 3_000, basis: 'excess' },
  { kind: 'licence', included: 10 },
  { kind: 'exempt' },
  { threshold: 300 },
  { threshold: 1_000_000 },
  { threshold: 20_000, onThreshold: 'refuse' },
  { kind: 'licence', included: 1_000_000 },
] as const;
const termsOf = (n: number) => TERMS[n];
const idOf = (n: number) => `c${String(n).padStart(3, '0')}`;

interface Listed {
  readonly id: string;
  readonly now: Record<string, unknown> & { readonly total: number; readonly share: number | null };
}

describe.each(LEDGER_KINDS)('the list of clients, over %s', (kind) => {
  let rig: ApiRig;
  let served: ServedMinute[];
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-client-list');
    rig.nowMs = NOW_MS - 60 * 1_440 * MINUTE_MS;
    const names = Array.from({ length: CLIENTS }, (_, n) => (n === 7 ? HOSTILE : `Client 100%_${n}`));
    await addClients(
      rig,
      names.map((name, n) => ({ id: idOf(n), name })),
    );
    for (const [n, terms] of TERMS.entries()) {
      const change = { json: { terms, reason: 'test' } };
      expect((await rig.call('POST', `/v1/clients/${idOf(n)}/tariffs`, change)).status).toBe(201);
    }
    rig.nowMs = NOW_MS;
    // The last five have no usage.
    served = Array.from({ length: CLIENTS - 5 }, (_, n) => drawMinutes(idOf(n), NOW_MS, 900, n)).flat();
    served.push({ clientId: 'c006', atMs: END_MS - MINUTE_MS, posts: 1_000_001, requests: 1, uncounted: 0 });
    await serveMinutes(rig, served);
    await billAndSort(rig, NOW_MS);
  });
  afterAll(() => rig.close());

  async function pages(query: string, limit: number): Promise<Listed[]> {
    const items: Listed[] = [];
    let cursor = '';
    do {
      const { status, json } = await rig.call('GET', `/v1/clients?limit=${limit}&${query}${cursor}`);
      expect(status, rig.logged.at(-1)).toBe(200);
      items.push(...json.items);
      cursor = json.next === null ? '' : `&cursor=${json.next}`;
    } while (cursor !== '');
    return items;
  }
  const idsOf = async (query: string) => (await pages(query, 200)).map(({ id }) => id);
  const sum = (of: keyof ServedMinute & ('posts' | 'requests' | 'uncounted'), rows: ServedMinute[]) =>
    rows.reduce((total, row) => total + row[of], 0);

  test('without new parameters it has no figures, as before', async () => {
    const { json } = await rig.call('GET', '/v1/clients?limit=2');
    expect(json.items.map((item: object) => Object.keys(item))).toEqual(
      Array(2).fill(['id', 'name', 'source', 'billing', 'buyer', 'askerClass', 'createdAt', 'updatedAt']),
    );
    expect(json).not.toHaveProperty('matches');
  });

  test('shows figures that equal brute-force sums over minutes', async () => {
    const listed = await pages('sort=id', 9);
    expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: CLIENTS }, (_, n) => idOf(n)));
    for (const [n, { id, now }] of listed.entries()) {
      const terms: { threshold?: number; windowSeconds?: number; kind?: string } = termsOf(n) ?? {
        threshold: 1_000_000,
      };
      const own = served.filter(({ clientId }) => clientId === id);
      const since = (ms: number) => own.filter(({ atMs }) => atMs >= END_MS - ms);
      const inWindow = since((terms.windowSeconds ?? 86_400) * 1000);
      const total = sum('posts', inWindow);
      const threshold = terms.threshold ?? null;
      expect(now, id).toMatchObject({
        kind: terms.kind ?? 'damages',
        total,
        threshold,
        share: threshold === null ? null : Number((total / threshold).toFixed(6)),
        pace: sum('posts', since(3_600_000)),
        requests: sum('requests', inWindow),
        uncounted: sum('uncounted', inWindow),
        lastSeenAt: own.length === 0 ? null : iso(Math.max(...own.map(({ atMs }) => atMs))),
        isOnHold: false,
      });
      expect((now.month as { posts: number }).posts).toBe(
        sum(
          'posts',
          own.filter(({ atMs }) => atMs >= Date.UTC(2026, 2)),
        ),
      );
    }
  });

  test('shows the drafts that the list of invoices has, and since when a breach is open', async () => {
    const invoices = (await rig.call('GET', '/v1/invoices?limit=1000')).json.items;
    const open = (await rig.call('GET', '/v1/breaches?limit=1000&state=open')).json.items;
    const cents = (amount: string) => Number(amount.replace('.', ''));
    expect(invoices.length).toBeGreaterThan(5);
    for (const { id, now } of await pages('sort=id', 200)) {
      const own = invoices.filter((invoice: { clientId: string }) => invoice.clientId === id);
      const drafts = own.reduce((total: number, { amount }: { amount: string }) => total + cents(amount), 0);
      const shown = now.drafts as { currency: string; amount: string }[];
      expect(
        shown.reduce((total, { amount }) => total + cents(amount), 0),
        id,
      ).toBe(drafts);
      const isOpen = open.some((breach: { clientId: string }) => breach.clientId === id);
      expect(now.breach === 'open', id).toBe(isOpen);
      if (isOpen && now.share !== null && now.share > 1) {
        const minutes = `/v1/clients/${id}/usage?step=minute&to=${iso(END_MS)}&from=${now.overAt}`;
        const { points } = (await rig.call('GET', minutes)).json;
        expect(points[0].total, id).toBeGreaterThan(now.total / now.share);
      }
    }
    expect((await rig.call('GET', '/v1/clients?q=c006&sort=id')).json.items[0].now).toMatchObject({
      overAt: iso(END_MS - MINUTE_MS),
      drafts: [{ currency: 'USD', amount: expect.stringMatching(/^150\d\d\.\d\d$/) }],
      ifCrossed: { currency: 'USD', amount: '15000.02' },
    });
  });

  test.each(['-share', '-total'])('sorts by %s and visits each client once', async (sort) => {
    const listed = await pages(`sort=${sort}`, 6);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(CLIENTS);
    const idle = listed.filter(({ now }) => now.total === 0);
    expect(listed.slice(-idle.length)).toEqual(idle);
    const busy = listed.slice(0, -idle.length);
    const values = busy.map(({ now }) => (sort === '-total' ? now.total : (now.share ?? -1)));
    expect(values).toEqual(values.toSorted((a, b) => b - a));
  });

  test('a page that starts before the order changes continues in the new order', async () => {
    const first = (await rig.call('GET', '/v1/clients?sort=-share&limit=3')).json;
    await billAndSort(rig, NOW_MS + MINUTE_MS);
    const next = (await rig.call('GET', `/v1/clients?sort=-share&limit=3&cursor=${first.next}`)).json;
    const ids = [...first.items, ...next.items].map(({ id }: Listed) => id);
    expect(new Set(ids).size).toBe(6);
  });

  test('filters by state and tells how many there are', async () => {
    const all = await pages('sort=id', 200);
    const where = (is: (now: Listed['now']) => boolean) =>
      all.filter(({ now }) => is(now)).map(({ id }) => id);
    const states: Record<string, (now: Listed['now']) => boolean> = {
      over: ({ share }) => (share ?? 0) > 1,
      near: ({ share }) => (share ?? 0) >= 0.8 && share! <= 1,
      in_breach: ({ breach }) => breach === 'open',
      exempt: ({ kind }) => kind === 'exempt',
      licensed: ({ kind }) => kind === 'licence',
    };
    for (const [state, is] of Object.entries(states)) {
      expect(await idsOf(`state=${state}`), state).toEqual(where(is));
      const { matches } = (await rig.call('GET', `/v1/clients?state=${state}&limit=1`)).json;
      expect(matches, state).toEqual({ count: where(is).length, isExact: true });
    }
    expect(where(states.over!).length).toBeGreaterThan(1);
    expect(await idsOf('state=on_hold')).toEqual([]);
    const hold = { json: { reason: 'disputed' } };
    expect((await rig.call('POST', '/v1/clients/c003/hold', hold)).status).toBe(201);
    expect(await idsOf('state=on_hold')).toEqual(['c003']);
  });

  test('finds clients by parts of names, by address, by key and by agent', async () => {
    const range = { json: { kind: 'cidr', cidr: '203.0.113.0/24' } };
    expect((await rig.call('POST', '/v1/clients/c004/identifiers', range)).status).toBe(201);
    const key = await rig.call('POST', '/v1/clients/c005/identifiers', { json: { kind: 'api_key' } });
    const agent = { json: { kind: 'agent', agent: 'GPTBot' } };
    expect((await rig.call('POST', '/v1/clients/c006/identifiers', agent)).status).toBe(201);
    const found = async (q: string) => idsOf(`q=${encodeURIComponent(q)}`);
    expect(await found('C03')).toEqual([
      'c030',
      'c031',
      'c032',
      'c033',
      'c034',
      'c035',
      'c036',
      'c037',
      'c038',
      'c039',
    ]);
    expect(await found('100%_12')).toEqual(['c012']);
    expect(await found('100%%12')).toEqual([]);
    expect(await found('203.0.113.77')).toEqual(['c004']);
    expect(await found('203.0.114.77')).toEqual([]);
    expect(await found('203.0.113')).toEqual(['c004']);
    expect(await found(key.json.key.slice(-4))).toEqual(['c005']);
    expect(await found('gptbot')).toEqual(['c006']);
    expect(await found('<script>"onload=')).toEqual(['c007']);
  });

  test('filters by kind and by the last usage', async () => {
    expect(await idsOf('kind=callers')).toEqual([]);
    expect(await idsOf('kind=named')).toHaveLength(CLIENTS);
    const hour = served.filter(({ atMs }) => atMs >= END_MS - 3_600_000);
    const seen = [...new Set(hour.map(({ clientId }) => clientId))].sort();
    expect(await idsOf(`seenSince=${iso(END_MS - 3_600_000)}`)).toEqual(seen);
  });

  test('is the same as CSV, with exactly the filtered rows', async () => {
    const listed = await pages('sort=-share&state=licensed', 200);
    const { text } = await rig.call('GET', '/v1/clients?sort=-share&state=licensed&format=csv&limit=1');
    const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
    expect(rows.map(({ client, total, tariff }) => [client, Number(total), tariff])).toEqual(
      listed.map(({ id, now }) => [id, now.total, 'licence']),
    );
    const all = await rig.call('GET', '/v1/clients?format=csv');
    expect(parse(all.text, { bom: true })).toHaveLength(CLIENTS + 1);
  });

  test.each<[string, string]>([
    ['sort=share', 'sort'],
    ['state=rich', 'state'],
    ['kind=none', 'kind'],
    ['seenSince=yesterday', 'seenSince'],
    [`q=${'x'.repeat(201)}`, 'q'],
    [`sort=-share&cursor=${btoa('c001').replaceAll('=', '')}`, 'cursor'],
    [`cursor=${btoa('0.5 3 c001').replaceAll('=', '')}`, 'cursor'],
    [`sort=-total&cursor=${btoa('1; drop table usage').replaceAll('=', '')}`, 'cursor'],
  ])('refuses %s and names %s', async (query, field) => {
    const { status, json } = await rig.call('GET', `/v1/clients?${query}`);
    expect(status).toBe(400);
    expect(json.errors[0].field).toBe(field);
  });
});

function iso(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}
