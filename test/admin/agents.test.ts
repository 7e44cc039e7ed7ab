import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentVerdictStore } from '../../src/adapters/postgres/rights/agent-verdicts.ts';
import { PublicFetchError } from '../../src/identify/public-fetch.ts';
import { verdictOf } from '../../src/identify/reverse-dns/verdict-life.ts';
import { COMMON, GPTBOT } from '../identify/ranges/agents-for-tests.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const NOW_MS = Date.UTC(2026, 11, 1);
const HOUR_MS = 3_600_000;
const LISTS: Record<string, readonly string[]> = {
  [COMMON]: ['66.249.64.0/24'],
  [GPTBOT.verify.ranges[0]!]: ['20.171.206.0/24'],
};

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-agents');
  rig.nowMs = NOW_MS;
  rig.agentAccess = {
    fetchPublic: async (url) => {
      const prefixes = LISTS[url];
      if (prefixes === undefined) throw new PublicFetchError('timeout', 'no complete response within 10 s');
      const body = new TextEncoder().encode(prefixes.join('\n'));
      return { status: 200, body, etag: null, cacheControl: null, contentType: 'text/plain' };
    },
    reverseDns: async (address) =>
      address.text === '66.249.99.1'
        ? { result: 'verified', names: ['crawl-1.googlebot.com'] }
        : { result: 'denied', names: [] },
  };
});
afterAll(() => rig.close());

const check = async (address: string, agent: string) =>
  (await rig.call('GET', `/v1/agents/check?${new URLSearchParams({ address, agent })}`)).json;

describe('the agents of the API', () => {
  test('are the catalogue, with lists that were never fetched', async () => {
    const { json } = await rig.call('GET', '/v1/agents');
    expect(json.isOffline).toBe(false);
    expect(json.items[0]).toEqual({
      ...{ token: 'Googlebot', operator: 'Google', class: 'search', match: 'Googlebot/', ranges: [COMMON] },
      ...{ rdns: ['.googlebot.com', '.google.com'], signatureAgents: [] },
    });
    expect(json.lists).toHaveLength(3);
    expect(json.lists[0]).toEqual({
      ...{ url: COMMON, prefixes: 0, fetchedAt: null, triedAt: null, failure: null },
      ...{ isShipped: false, isFresh: false },
    });
    expect(json.directories).toEqual([]);
    expect(await check('20.171.206.5', 'GPTBot')).toMatchObject({ verdict: 'pending', by: null });
  });

  test('have their lists fetched on request, at most hourly unless fetching failed', async () => {
    const refresh = async () =>
      (await rig.call('POST', '/v1/agents/refresh', { json: {} })).json.items.map(
        ({ url, failure }: { url: string; failure: string | null }) => `${url} ${failure ?? 'ok'}`,
      );
    const failed = 'https://lists.example/searchbot.json timeout: no complete response within 10 s';
    expect((await refresh()).toSorted()).toEqual([
      `${COMMON} ok`,
      'https://lists.example/gptbot.json ok',
      failed,
    ]);
    rig.nowMs = NOW_MS + 1_000;
    expect(await refresh()).toEqual([failed]);
    rig.nowMs = NOW_MS + HOUR_MS;
    expect(await refresh()).toHaveLength(3);
    const { json } = await rig.call('GET', '/v1/audit?action=agents.refreshed');
    expect(json.items).toHaveLength(3);
  });

  test('accept a list of another size only if the operator says so', async () => {
    rig.nowMs = NOW_MS + 3 * HOUR_MS;
    LISTS[COMMON] = ['66.249.64.0/26'];
    const refresh = async (json: object) =>
      (await rig.call('POST', '/v1/agents/refresh', { json })).json.items.find(
        ({ url }: { url: string }) => url === COMMON,
      );
    expect((await refresh({})).failure).toContain('less than half of the 256 before');
    expect(await check('66.249.64.200', 'Googlebot')).toMatchObject({ verdict: 'verified' });
    expect(await refresh({ acceptChanges: true })).toMatchObject({ failure: null, prefixes: 1 });
    expect(await check('66.249.64.200', 'Googlebot')).toMatchObject({ verdict: 'forged' });
  });

  test('are checked step by step', async () => {
    expect(await check('20.171.206.5', 'gptbot')).toMatchObject({
      ...{ address: '20.171.206.5', agent: 'GPTBot', operator: 'OpenAI', verdict: 'verified', by: 'range' },
      steps: [{ check: 'list' }, { check: 'operator' }, { check: 'reverse_dns' }],
    });
    expect(await check('66.249.99.1', 'Googlebot')).toMatchObject({ verdict: 'verified', by: 'reverse_dns' });
    expect(await check('8.8.8.8', 'GPTBot')).toMatchObject({ verdict: 'forged', by: null });
    expect(await check('8.8.8.8', 'Bytespider')).toMatchObject({ verdict: 'uncheckable' });
  });

  test('list their verdicts', async () => {
    await agentVerdictStore(rig.db).save(
      '66.249.99.1',
      'Googlebot',
      verdictOf({ result: 'verified', names: ['crawl-1.googlebot.com'] }, NOW_MS),
    );
    const { json } = await rig.call('GET', '/v1/agents/googlebot/verdicts');
    expect(json).toEqual({
      items: [
        {
          ...{ address: '66.249.99.1', result: 'verified', names: ['crawl-1.googlebot.com'] },
          ...{ checkedAt: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z' },
        },
      ],
      next: null,
    });
  });

  test.each([
    ['/v1/agents/check?address=10.1&agent=GPTBot', 400],
    ['/v1/agents/check?address=8.8.8.8', 400],
    ['/v1/agents/check?address=8.8.8.8&agent=NoBot', 404],
    ['/v1/agents/NoBot/verdicts', 404],
    ['/v1/agents/GPTBot/verdicts?cursor=abc', 400],
  ])('refuse %s', async (path, status) => {
    expect((await rig.call('GET', path)).status).toBe(status);
  });
});
