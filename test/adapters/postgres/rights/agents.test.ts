import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentListStore } from '../../../../src/adapters/postgres/rights/agent-lists.ts';
import { agentVerdictStore } from '../../../../src/adapters/postgres/rights/agent-verdicts.ts';
import { emptyList } from '../../../../src/identify/ranges/known-lists.ts';
import { refreshLists } from '../../../../src/identify/ranges/refresh-lists.ts';
import { verdictOf } from '../../../../src/identify/reverse-dns/verdict-life.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 1);
const URL_TEXT = 'https://lists.example/bot.json';
const NONE_KNOWN = new Map<string, number | null>();

describe.each(LEDGER_KINDS)('on %s', (kind) => {
  let empty: EmptyLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'agents');
  });
  afterAll(() => empty.drop());

  const body = (...prefixes: readonly string[]) =>
    new TextEncoder().encode(JSON.stringify({ prefixes: prefixes.map((ipv4Prefix) => ({ ipv4Prefix })) }));
  const document = { status: 200, etag: '"a"', cacheControl: null, contentType: null } as const;

  test('a list is fetched by one of many processes, and known to all', async () => {
    let fetched = 0;
    const fetchPublic = async () => {
      fetched++;
      return { ...document, body: body('66.249.64.0/24', '40.77.167.0/24') };
    };
    const processes = [empty.ledger, ...(kind === 'postgres' ? [await empty.another()] : [])].flatMap(
      ({ db }) => [agentListStore(db), agentListStore(db)],
    );
    const refreshed = await Promise.all(
      processes.map((store) =>
        refreshLists([emptyList(URL_TEXT)], { store, fetchPublic, nowMs: () => NOW_MS }),
      ),
    );
    expect(fetched).toBe(1);
    expect(refreshed.flat()).toHaveLength(1);
    for (const store of processes) {
      const [list, ...rest] = await store.lists([URL_TEXT, 'https://lists.example/other'], NONE_KNOWN);
      expect(rest).toEqual([]);
      expect(list).toEqual({
        ...{ url: URL_TEXT, etag: '"a"', failure: null, fetchedAtMs: NOW_MS, triedAtMs: NOW_MS },
        prefixes: ['66.249.64.0/24', '40.77.167.0/24'],
      });
      const [known] = await store.lists([URL_TEXT], new Map([[URL_TEXT, NOW_MS]]));
      expect(known).toMatchObject({ prefixes: undefined, fetchedAtMs: NOW_MS });
    }
  });

  test('a failure is stored beside the last good list, and the next attempt sends its ETag', async () => {
    const store = agentListStore(empty.ledger.db);
    const read = async () => (await store.lists([URL_TEXT], NONE_KNOWN))[0]!;
    const etags: (string | null)[] = [];
    const refresh = async (text: Uint8Array, nowMs: number) => {
      const { prefixes = null, ...list } = await read();
      await refreshLists([{ ...list, prefixes, isShipped: false }], {
        store,
        fetchPublic: async (_url, _limits, etag = null) => {
          etags.push(etag);
          return { ...document, body: text };
        },
        nowMs: () => nowMs,
      });
      return read();
    };
    expect(await refresh(body('0.0.0.0/0'), NOW_MS + HOUR_MS)).toMatchObject({
      ...{ fetchedAtMs: NOW_MS, triedAtMs: NOW_MS + HOUR_MS, prefixes: ['66.249.64.0/24', '40.77.167.0/24'] },
      failure: 'the list contains 0.0.0.0/0, which is wider than /8',
    });
    expect(await refresh(body('66.249.64.0/24'), NOW_MS + 2 * HOUR_MS)).toMatchObject({
      ...{ fetchedAtMs: NOW_MS + 2 * HOUR_MS, prefixes: ['66.249.64.0/24'], failure: null },
    });
    expect(etags).toEqual(['"a"', '"a"']);
  });

  test('verdicts are found until they end, listed newest first, and deleted', async () => {
    const store = agentVerdictStore(empty.ledger.db);
    const verdict = (result: 'verified' | 'denied' | 'error', at: number) =>
      verdictOf({ result, names: ['crawl-1.googlebot.com'] }, NOW_MS + at);
    await store.save('66.249.66.1', 'Googlebot', verdict('denied', 0));
    await store.save('66.249.66.1', 'Googlebot', verdict('verified', 1));
    await store.save('2001:4860:4801::1', 'Googlebot', verdict('denied', 2));
    await store.save('66.249.66.9', 'Googlebot', verdict('denied', 2));
    await store.save('66.249.66.8', 'Googlebot', verdict('error', 3));
    await store.save('66.249.66.1', 'Bingbot', verdict('denied', 4));
    expect(await store.find('66.249.66.1', 'Googlebot', NOW_MS + HOUR_MS)).toMatchObject({
      ...{ result: 'verified', names: ['crawl-1.googlebot.com'], checkedAtMs: NOW_MS + 1 },
      untilMs: NOW_MS + 1 + 24 * HOUR_MS,
    });
    expect(await store.find('66.249.66.9', 'Googlebot', NOW_MS + 2 + HOUR_MS)).toBeNull();
    const first = await store.verdicts('Googlebot', { limit: 2, after: null });
    expect(first.items.map(({ address }) => address)).toEqual(['66.249.66.9', '2001:4860:4801::1']);
    const second = await store.verdicts('Googlebot', { limit: 2, after: first.next });
    expect(second.items.map(({ address }) => address)).toEqual(['66.249.66.1']);
    expect(second.next).toBeNull();
    await store.tidy(NOW_MS + 5 + HOUR_MS);
    expect((await store.verdicts('Googlebot', { limit: 9, after: null })).items).toHaveLength(1);
    expect((await store.verdicts('Bingbot', { limit: 9, after: null })).items).toEqual([]);
  });
});
