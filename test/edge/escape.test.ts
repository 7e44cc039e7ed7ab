/**
 * The Worker counts everything that a scraper sends, or refuses it before it is forwarded. Each draw has its own
 * address.
 */

import fc from 'fast-check';
import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { type Attack, attacks } from '../escape/attack.ts';
import { hostileOrigin, ROUTES, type Sent } from '../escape/hostile-origin.ts';
import { take } from '../escape/scraper.ts';
import { escapeOf, type Metered, servedTo } from '../escape/verdict.ts';
import { withLedger } from '../faults/books.ts';
import { startWorkerd, type Workerd } from '../support/edge/workerd.ts';
import { ADMIN_TOKEN } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { atRest } from './at-rest.ts';

/** The runtime keeps connections open for 5 s. */
const AT_ONCE = 50;
/** Set it to 500 for a longer run. */
const DRAWS = Number(process.env.ESCAPE_DRAWS ?? 100);
const NOTHING: Metered = { posts: 0, uncounted: 0, refused: 0 };

const sent: Sent[] = [];
let origin: Origin;
let database: FreshDatabase;
let worker: Workerd;

beforeAll(async () => {
  origin = await startOrigin(hostileOrigin(sent));
  database = await freshDatabase('edge-escape');
  await migratePostgres(database.url);
  worker = await startWorkerd({
    bundle: inject('workerBundle'),
    upstream: origin.url,
    databaseUrl: database.url,
    config: { count: { maxRequestBytes: 4_096 }, routes: ROUTES },
    adminToken: ADMIN_TOKEN,
  });
});
afterAll(async () => {
  await worker?.stop();
  await origin.stop();
  await database?.drop();
});

interface Draw {
  readonly attack: Attack;
  readonly address: string;
  readonly statuses: readonly number[];
}

async function send(attack: Attack, number: number): Promise<Draw> {
  const address = `198.18.${number >> 8}.${number & 255}`;
  const headers = [...attack.headers, ['CF-Connecting-IP', address] as const];
  const target = `${attack.target}&attack=${number}`;
  const { statuses } = await take(Number(new URL(worker.url).port), { ...attack, target, headers });
  return { attack, address, statuses };
}

/** Posts by client. */
async function inLedger(): Promise<ReadonlyMap<string, Metered>> {
  const rows = await withLedger(
    database.url,
    (sql) => sql<(Metered & { id: string })[]>`
      select client_id as id, sum(posts)::int as posts, sum(uncounted)::int as uncounted,
             sum(refused)::int as refused from usage group by client_id`,
  );
  return new Map(rows.map(({ id, ...metered }) => [id, metered]));
}

it(
  `counts or refuses everything that a client sends, in ${DRAWS} draws`,
  async () => {
    const seed = Number(process.env.ESCAPE_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`escape test at the edge: seed ${seed}\n`);
    const waiting = pLimit(AT_ONCE);
    const drawn = fc.sample(attacks, { numRuns: DRAWS, seed });
    const draws = await Promise.all(drawn.map((attack, number) => waiting(send, attack, number)));
    const ledger = await atRest(inLedger);
    const escaped = draws.filter(({ attack, address, statuses }, number) => {
      // The runtime delivers a 205 without its body.
      const served = statuses.includes(205) ? 0 : servedTo(String(number), sent);
      const metered = ledger.get(`addr:${address}`) ?? NOTHING;
      return escapeOf(attack, served, metered, statuses) !== null;
    });
    expect(escaped).toEqual([]);
    expect(sent.some(({ posts }) => posts > 0)).toBe(true);
  },
  120_000 + DRAWS * 200,
);
