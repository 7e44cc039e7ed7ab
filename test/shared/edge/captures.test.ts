/** Every captured exchange has its true count at the edge too, through the bundled Worker into PostgreSQL. */

import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { withLedger } from '../../faults/books.ts';
import { startWorkerd, type Workerd } from '../../support/edge/workerd.ts';
import { ADMIN_TOKEN } from '../../support/gateway/process.ts';
import type { Origin } from '../../support/origins/listening.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';
import { type Capture, capturesOf, deliveredBody, fetchCapture, startCaptureOrigin } from '../captures.ts';
import { PLATFORM_CONFIGS, type PlatformName } from '../platform-configs.ts';

/** An object ships its usage within some 5 s. The rest is for a busy machine. */
const SOON = { timeout: 60_000, interval: 500 };

interface Counted {
  readonly posts: number;
  readonly requests: number;
  readonly uncounted: number;
}

describe.each(Object.keys(PLATFORM_CONFIGS) as PlatformName[])('captures of %s, in workerd', (platform) => {
  const captures = capturesOf(platform);
  let database: FreshDatabase;
  let origin: Origin;
  let worker: Workerd;
  let received: ReadonlyMap<Capture, Buffer>;
  /** By client. */
  let ledger: ReadonlyMap<string, Counted>;
  // Each capture is requested from an address of its own, and so by a client of its own.
  const addressOf = (capture: Capture) => `10.1.0.${captures.indexOf(capture)}`;

  beforeAll(async () => {
    [origin, database] = await Promise.all([startCaptureOrigin(captures), freshDatabase('captures')]);
    await migratePostgres(database.url);
    worker = await startWorkerd({
      bundle: inject('workerBundle'),
      upstream: origin.url,
      databaseUrl: database.url,
      config: PLATFORM_CONFIGS[platform],
      adminToken: ADMIN_TOKEN,
    });
    const bodies = captures.map(async (capture) => {
      const from = { 'CF-Connecting-IP': addressOf(capture) };
      return [capture, await fetchCapture(worker.url, capture, from)] as const;
    });
    received = new Map(await Promise.all(bodies));
    ledger = await vi.waitFor(async () => {
      const found = await countedIn(database.url);
      expect(found.size).toBe(captures.length);
      return found;
    }, SOON);
  });

  afterAll(async () => {
    await worker?.stop();
    await origin?.stop();
    await database?.drop();
  });

  it.each(captures)('$name', (capture) => {
    expect(received.get(capture)!.equals(deliveredBody(capture))).toBe(true);
    expect(ledger.get(`addr:${addressOf(capture)}`)).toEqual({
      posts: capture.posts,
      requests: 1,
      uncounted: 0,
    });
  });
});

function countedIn(url: string): Promise<ReadonlyMap<string, Counted>> {
  return withLedger(url, async (sql) => {
    const rows = await sql<(Counted & { id: string })[]>`
      select client_id as id, sum(posts)::float8 as posts, sum(requests)::float8 as requests,
        sum(uncounted)::float8 as uncounted from usage group by client_id`;
    return new Map(rows.map(({ id, ...counted }) => [id, counted]));
  });
}
