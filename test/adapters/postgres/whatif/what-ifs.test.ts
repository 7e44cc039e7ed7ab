/** What-ifs on a real ledger: equal to `postmeter rate`, continued after a stop, and without effect on the books. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminStore } from '../../../../src/adapters/postgres/admin/store.ts';
import { processLead } from '../../../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../../../src/adapters/postgres/billing/ledger.ts';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresUsageLedger } from '../../../../src/adapters/postgres/usage/ledger.ts';
import { whatIfStore } from '../../../../src/adapters/postgres/whatif/store.ts';
import { whatIfWork } from '../../../../src/adapters/postgres/whatif/work.ts';
import type { WhatIfRecord, WhatIfStore } from '../../../../src/admin/what-if-port.ts';
import { runBilling } from '../../../../src/billing.ts';
import type { Usage } from '../../../../src/meter/usage.ts';
import { FOUR_EYES } from '../../../../src/proposal/four-eyes.ts';
import { formatMoney, parseMoney } from '../../../../src/tariff/money.ts';
import { type DamagesTariff, DEFAULT_TARIFF, type Tariff } from '../../../../src/tariff/tariff.ts';
import { tariffToJson } from '../../../../src/tariff/terms.ts';
import type { ComparedClient } from '../../../../src/whatif/comparison.ts';
import type { WhatIfTask, WhatIfWork } from '../../../../src/whatif/port.ts';
import { runWhatIf, type WhatIfDeps } from '../../../../src/whatif/run.ts';
import { rate } from '../../../entry/commands/run-rate.ts';
import { completeSeller } from '../../../support/sellers.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const MINUTE = 60_000;
const FROM_MS = Date.UTC(2026, 1, 20);
const TO_MS = Date.UTC(2026, 2, 10);
const NOW_MS = TO_MS + 3_600_000;
const RULES = { bucketSeconds: 60, latenessMs: MINUTE, approval: 'automatic', fourEyes: FOUR_EYES } as const;
const WHO = { actor: 'operator', atMs: NOW_MS };
const LIVE = new AbortController().signal;
const DETAILS = {
  ...{ legalName: 'Acme Inc.', address: '1 Main Street', email: 'ap@acme.example' },
  ...{ taxId: null, currency: 'USD' },
};
/** More than 30 posts in an hour cost a dollar a post. */
const SMALL: DamagesTariff = {
  ...DEFAULT_TARIFF,
  ...{ threshold: 30, windowSeconds: 3600, block: 1, priceMinor: 100n },
};
const TRIED: DamagesTariff = { ...SMALL, threshold: 60, block: 7, priceMinor: 333n, windowSeconds: 86_400 };
const CLIENTS = Array.from({ length: 14 }, (_, index) => `client-${String(index).padStart(2, '0')}`);

/** Bursts of different sizes: the first clients stay far below every threshold, the last ones far above. */
function usageOf(clientId: string, index: number): Usage[] {
  const rest = { identifierId: `${clientId}-key`, requests: 1, refused: 0, bytes: 1, uncounted: 0 };
  return Array.from({ length: 30 }, (_, at) => ({
    ...{ clientId, ...rest, posts: 1 + ((index * at) % (index + 1)) },
    bucketMs: FROM_MS + (at % 3) * 6 * 86_400_000 + ((at * (index + 7)) % 55) * MINUTE,
  }));
}

describe.each(LEDGER_KINDS)('what-ifs on %s', (kind) => {
  let empty: EmptyLedger;
  let store: WhatIfStore;
  let work: WhatIfWork;
  let deps: WhatIfDeps;
  let bill: () => Promise<unknown>;
  const usage = CLIENTS.flatMap(usageOf);

  beforeAll(async () => {
    empty = await emptyLedger(kind, 'what-ifs');
    const { db } = empty.ledger;
    store = whatIfStore(db);
    work = whatIfWork(db);
    deps = { work, rules: RULES, newId: v7, nowMs: () => NOW_MS, step: async (pass) => pass() };
    const books = adminStore(db);
    await completeSeller(db);
    for (const id of CLIENTS) await books.createClient({ id, name: id, billing: DETAILS }, WHO);
    const caller = {
      ...usage[0]!,
      clientId: 'addr:203.0.113.9',
      identifierId: 'addr:203.0.113.9',
      posts: 500,
    };
    await postgresUsageLedger(db).take({
      ...{ journalId: 'j', firstSequence: 1, lastSequence: 1 },
      usage: [...usage, caller],
    });
    const version = { validFromMs: 0, reason: 'agreed', supersedes: null };
    await books.addTariffVersion(
      { id: v7(), clientId: null, tariff: SMALL, ...version, validFromMs: 1 },
      WHO,
    );
    const own: Tariff = { ...SMALL, threshold: 20, currency: 'EUR' };
    await books.addTariffVersion({ id: v7(), clientId: 'client-05', tariff: own, ...version }, WHO);
    const ledger = postgresBillingLedger(db, { rules: RULES, lead: processLead(), now: () => NOW_MS });
    bill = () => runBilling(ledger, RULES, v7, NOW_MS + 30 * 86_400_000);
    await bill();
  });
  afterAll(() => empty.drop());

  const taskOf = (more: Partial<WhatIfTask> = {}): WhatIfTask => ({
    ...{ id: v7(), terms: TRIED, scope: { clients: 'all', callers: false } as const, change: null },
    ...{ fromMs: FROM_MS, toMs: TO_MS },
    ...more,
  });
  async function started(task: WhatIfTask): Promise<WhatIfRecord> {
    const record = await store.createWhatIf(task, WHO);
    if (record === 'too_many') throw new Error(record);
    return record;
  }
  async function ran(task: WhatIfTask, more: Partial<WhatIfDeps> = {}, signal = LIVE): Promise<WhatIfRecord> {
    await started(task);
    const claimed = await work.claim('here', NOW_MS, NOW_MS - MINUTE);
    expect(claimed).toMatchObject({ id: task.id });
    await runWhatIf(claimed!, 'here', { ...deps, ...more }, signal);
    return (await store.whatIf(task.id))!;
  }
  async function clientsOf({ id }: WhatIfTask): Promise<readonly ComparedClient[]> {
    const found: ComparedClient[] = [];
    for (let after: string | null = null; ; ) {
      const page = await store.whatIfClients(id, { limit: 5, after });
      found.push(...page.items);
      if (page.next === null) return found;
      after = page.next;
    }
  }
  const books = async () =>
    rowsOf(
      empty.ledger.db,
      sql`select md5(string_agg(row::text, '|' order by row::text)) as hash from (
        select breaches::text as row from breaches union all select invoices::text from invoices
        union all select invoice_lines::text from invoice_lines union all select usage::text from usage
        union all select billing_due::text from billing_due union all select tariff_versions::text from tariff_versions
      ) as rows`,
    );

  it('equal `postmeter rate` for every client under each basis and rounding, and leave the books as they are', async () => {
    const before = await books();
    const record = await ran(taskOf());
    expect(await books()).toEqual(before);
    expect(record).toMatchObject({
      state: 'done',
      checkedClients: CLIENTS.length,
      totalClients: CLIENTS.length,
    });
    const compared = new Map((await clientsOf(record)).map((client) => [client.clientId, client]));
    expect(compared.size).toBe(record.figures!.clients - record.figures!.unconcerned);
    for (const { basis, rounding, isAsked, amountMinor, billedPosts } of record.figures!.readings) {
      const clients = await rated(usage, { ...TRIED, basis: basis!, rounding });
      expect(amountMinor).toBe(sumOf(clients.map(({ amount }) => amount)));
      const billed = clients.flatMap(({ breaches }) => breaches.map((breach) => breach.billedPosts));
      expect(billedPosts).toBe(billed.reduce((sum, posts) => sum + posts, 0));
      if (!isAsked) continue;
      for (const { client, amount, breaches, posts } of clients) {
        const tried = compared.get(client)?.tried;
        expect(tried?.breaches ?? 0).toBe(breaches.length);
        expect(formatMoney(tried?.amounts.USD ?? 0n, 'USD')).toBe(amount);
        if (tried !== undefined) expect(compared.get(client)!.posts).toBe(posts);
      }
    }
    expect(record.figures!.readings).toHaveLength(6);
    expect(record.figures!.unconcerned).toBeGreaterThan(0);
    const issued = await rowsOf(
      empty.ledger.db,
      sql`select currency, sum(amount_minor)::text as minor from invoices
        where client_id not like 'addr:%' group by currency order by currency`,
    );
    const { amounts } = record.figures!.now;
    expect(issued).toEqual(
      Object.entries(amounts)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, minor]) => ({ currency, minor: String(minor) })),
    );
  });

  it('give the same after they were cancelled or stopped in the middle', async () => {
    const whole = await ran(taskOf());
    const stopping = new AbortController();
    const cut = taskOf();
    let passes = 0;
    const step: WhatIfDeps['step'] = async (pass) => {
      if (++passes === 40) stopping.abort();
      return pass();
    };
    const stopped = await ran(cut, { step }, stopping.signal);
    expect(stopped.state).toBe('waiting');
    expect(stopped.checkedClients).toBeGreaterThan(0);
    expect(stopped.checkedClients).toBeLessThan(CLIENTS.length);

    expect(await store.cancelWhatIf(cut.id, WHO)).toMatchObject({ state: 'cancelled' });
    expect(await store.cancelWhatIf(cut.id, WHO)).toBe('finished');
    expect(await work.claim('there', NOW_MS, NOW_MS - MINUTE)).toBeNull();
    expect(await store.resumeWhatIf(cut.id, WHO)).toMatchObject({ state: 'waiting' });
    const claimed = await work.claim('there', NOW_MS, NOW_MS - MINUTE);
    expect(await runWhatIf(claimed!, 'there', deps, LIVE)).toBe('done');
    expect((await store.whatIf(cut.id))!.figures).toEqual(whole.figures);
    expect(await clientsOf(cut)).toEqual(await clientsOf(whole));
  });

  it('are taken over from an owner that is gone, whose saving is then refused; cancelling stops the owner', async () => {
    const task = await started(taskOf());
    await work.claim('gone', NOW_MS, NOW_MS - MINUTE);
    expect(await work.claim('here', NOW_MS, NOW_MS - MINUTE)).toBeNull();
    const taken = await work.claim('here', NOW_MS + 2 * MINUTE, NOW_MS + MINUTE);
    expect(taken).toMatchObject({ id: task.id, after: null });
    const progress = { after: 'client-03', checkedClients: 4, figures: null };
    expect(await work.save(task.id, 'gone', NOW_MS, progress, [])).toBe(false);
    await store.cancelWhatIf(task.id, WHO);
    expect(await runWhatIf(taken!, 'here', deps, LIVE)).toBe('lost');
    expect((await store.whatIf(task.id))!.state).toBe('cancelled');
  });

  it('run two at a time, and only 20 may wait and run', async () => {
    const tasks: WhatIfTask[] = [];
    for (let count = 0; count < 20; count++) tasks.push(await started(taskOf()));
    expect(await store.createWhatIf(taskOf(), WHO)).toBe('too_many');
    const claims = ['a', 'b', 'c'].map((owner) => work.claim(owner, NOW_MS, NOW_MS - MINUTE));
    expect((await Promise.all(claims)).filter((claimed) => claimed !== null)).toHaveLength(2);
    expect(await work.isUnfinished()).toBe(true);
    for (const { id } of tasks) await store.cancelWhatIf(id, WHO);
    expect(await work.isUnfinished()).toBe(false);
  });

  it('cover the clients of their scope', async () => {
    const covered = (scope: WhatIfTask['scope']) => work.clients(taskOf({ scope }), null, 100);
    const followers = CLIENTS.filter((id) => id !== 'client-05');
    expect(await covered({ clients: 'all', callers: false })).toEqual(CLIENTS);
    expect(await covered({ clients: 'default', callers: false })).toEqual(followers);
    expect(await covered({ clients: 'default', callers: true })).toEqual(['addr:203.0.113.9', ...followers]);
    expect(await covered({ clients: ['client-05'], callers: false })).toEqual(['client-05']);
  });

  it('name exactly the invoices that a correction then changes', async () => {
    const change = { clientId: null, validFromMs: FROM_MS + 3 * 86_400_000, supersedes: null };
    const terms: Tariff = { ...SMALL, threshold: 50, priceMinor: 50n };
    const before = await books();
    const record = await ran(taskOf({ terms, change }));
    expect(await books()).toEqual(before);
    const invoices = () =>
      rowsOf(
        empty.ledger.db,
        sql`select id, corrects_id, kind, amount_minor::text as minor from invoices where corrects_id is not null`,
      );
    expect(await invoices()).toEqual([]);
    const version = { id: v7(), clientId: null, tariff: terms, supersedes: null, reason: 'corrected' };
    await adminStore(empty.ledger.db).addTariffVersion({ ...version, validFromMs: change.validFromMs }, WHO);
    await bill();
    const corrected = (await invoices()).map((row) => `${row.corrects_id} ${row.kind} ${row.minor}`);
    const named = record.invoices!.map((one) => `${one.invoiceId} ${one.effect} ${one.differenceMinor}`);
    expect(named.toSorted()).toEqual(corrected.toSorted());
    expect(named.length).toBeGreaterThan(2);
  });
});

interface RatedClient {
  readonly client: string;
  readonly posts: number;
  readonly amount: string;
  readonly breaches: ReadonlyArray<{ readonly billedPosts: number }>;
}

async function rated(usage: readonly Usage[], tariff: Tariff): Promise<RatedClient[]> {
  const rows = usage.map(({ clientId, bucketMs, posts }) => `${clientId},${bucketMs / 1000},${posts}`);
  const printed = await rate(`client,at,posts\n${rows.join('\n')}\n`, tariffToJson(tariff));
  return JSON.parse(printed).clients;
}

function sumOf(amounts: readonly string[]): bigint {
  return amounts.reduce((sum, amount) => {
    const money = parseMoney(amount, 'USD');
    if (!money.ok) throw new Error(money.reason);
    return sum + money.minor;
  }, 0n);
}
