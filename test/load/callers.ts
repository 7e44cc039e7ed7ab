/**
 * 2,000 loopback addresses that take 600 posts each through a real gateway: they appear as one group over the line, are
 * named as one client with back-dating, and undone. `CALLERS=N` sets their number, `DATABASE_URL` the ledger.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { setTariff } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { SELLER_PARTY } from '../support/sellers.ts';

const CALLERS = Number(process.env.CALLERS ?? 2_000);
const POSTS = 600;
const THRESHOLD = Math.round(CALLERS * POSTS * 0.8);
/** Short, so that the breach closes and its invoice can be issued in this run. */
const WINDOW_S = 150;
const CONCURRENT = 16;
const DETAILS = { legalName: 'Globex BV', address: 'Street 1', email: 'ap@globex.example', currency: 'USD' };

interface Group {
  readonly key: string;
  readonly callers: number;
  readonly total: number;
  readonly share: number;
}

const startMs = performance.now();
const seconds = () => Number(((performance.now() - startMs) / 1000).toFixed(1));
const say = (step: string, facts: object = {}) =>
  process.stdout.write(`${JSON.stringify({ atSeconds: seconds(), step, ...facts })}\n`);

async function timed<T>(work: () => Promise<T>): Promise<[result: T, tookMs: number]> {
  const fromMs = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - fromMs)];
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await sleep(1_000);
  }
}

/** The longest time of a request without posts while `work` runs. */
async function longestRequestMs(gateway: GatewayProcess, work: () => Promise<void>): Promise<number> {
  let isRunning = true;
  let longest = 0;
  const probing = (async () => {
    while (isRunning) {
      const [, tookMs] = await timed(() => ask(gateway.url, '/none', { localAddress: '127.99.0.1' }));
      longest = Math.max(longest, tookMs);
      await sleep(20);
    }
  })();
  await work();
  isRunning = false;
  await probing;
  return longest;
}

const addressOf = (n: number) => `127.20.${Math.floor(n / 250)}.${(n % 250) + 1}`;
const invoicesOf = async (gateway: GatewayProcess) => {
  const { items } = await gateway.admin<{
    items: { id: string; kind: string; status: string; amount: string }[];
  }>('GET', '/v1/invoices?client=globex');
  return items;
};

const origin = await startScriptedOrigin((url, response) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(url.pathname === '/posts' ? pageOf(POSTS) : '{}'),
);
const { DATABASE_URL } = process.env;
const gateway = await startGatewayProcess({
  upstream: origin.url,
  config: {
    bucketSeconds: 1,
    billing: { intervalSeconds: 1, latenessSeconds: 0 },
    routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
  },
  env: DATABASE_URL === undefined ? {} : { DATABASE_URL },
});
try {
  await setTariff([gateway], null, { threshold: THRESHOLD, windowSeconds: WINDOW_S });
  const from = new Date(Date.now() - 60_000).toISOString();
  const limit = pLimit(CONCURRENT);
  const headers = { 'user-agent': 'crawler/1.0' };
  const take = Promise.all(
    Array.from({ length: CALLERS }, (_, n) =>
      limit(() => ask(gateway.url, '/posts', { localAddress: addressOf(n), headers })),
    ),
  );
  take.then(() => say('all posts were served', { callers: CALLERS, posts: CALLERS * POSTS }));
  const group = await until(async () => {
    const { items } = await gateway.admin<{ items: Group[] }>('GET', '/v1/callers');
    const [first] = items;
    return first !== undefined && first.callers === CALLERS && first.share > 1 ? first : null;
  });
  say('they are one group over the line', { ...pick(group) });

  const [{ chosen }, listMs] = await timed(() =>
    gateway.admin<{ chosen: { callerIds: string[]; ranges: string[] } }>(
      'GET',
      `/v1/callers?group=${encodeURIComponent(group.key)}`,
    ),
  );
  const asked = {
    client: { id: 'globex' },
    callers: chosen.callerIds,
    ranges: chosen.ranges,
    from,
    reason: 'one scraper',
  };
  const promote = (dryRun: boolean) =>
    gateway.admin<{ id: string; moved: object; after: object; invoices: object[] }>(
      'POST',
      '/v1/callers/promote',
      {
        ...asked,
        dryRun,
      },
    );
  let preview: Awaited<ReturnType<typeof promote>> | undefined;
  let previewMs = 0;
  const previewLongestMs = await longestRequestMs(gateway, async () => {
    [preview, previewMs] = await timed(() => promote(true));
  });
  say('preview', {
    listMs,
    previewMs,
    longestRequestMs: previewLongestMs,
    ...preview,
    ranges: chosen.ranges,
  });
  let done: Awaited<ReturnType<typeof promote>> | undefined;
  let promoteMs = 0;
  const promoteLongestMs = await longestRequestMs(gateway, async () => {
    [done, promoteMs] = await timed(() => promote(false));
  });
  say('promoted', { promoteMs, longestRequestMs: promoteLongestMs, moved: done!.moved });
  const drafts = await until(async () => {
    const items = await invoicesOf(gateway);
    return items.length === 0 ? null : items;
  });
  say('draft', { drafts });

  await gateway.admin('PATCH', '/v1/clients/globex', { billing: DETAILS });
  await gateway.admin('PATCH', '/v1/sellers/default', SELLER_PARTY);
  await until(async () => {
    const { items } = await gateway.admin<{ items: { state: string }[] }>(
      'GET',
      '/v1/breaches?client=globex',
    );
    return items[0]?.state === 'closed' ? items : null;
  });
  const [draft] = await invoicesOf(gateway);
  await gateway.admin('POST', `/v1/invoices/${draft!.id}/approve`);
  await gateway.admin('POST', `/v1/invoices/${draft!.id}/issue`);
  const [undone, undoMs] = await timed(() =>
    gateway.admin<{ moved: object }>('POST', `/v1/callers/promotions/${done!.id}/undo`, {
      reason: 'they are not',
    }),
  );
  const invoices = await until(async () => {
    const items = await invoicesOf(gateway);
    return items.some(({ kind }) => kind === 'credit_note') ? items : null;
  });
  say('undone', {
    undoMs,
    moved: undone.moved,
    invoices: invoices.map(({ kind, status, amount }) => [kind, status, amount]),
  });
} finally {
  await gateway.stop();
  await origin.stop();
}

function pick({ key, callers, total, share }: Group) {
  return { key, callers, total, share };
}
