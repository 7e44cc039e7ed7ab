import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../../src/adapters/postgres/connection/open.ts';
import { postgresRights } from '../../../src/adapters/postgres/rights/books.ts';
import { maskOf, NO_STATES, type SettingValue } from '../../../src/rights/state.ts';
import { subjectOf } from '../../../src/rights/subject.ts';
import { startPostgres, type TestPostgres } from '../../support/services/postgres.ts';
import type { RightsObject } from './worker.ts';
import { type Objects, startObjects } from './workerd.ts';

let server: TestPostgres;
let ledger: PostgresLedger;
let objects: Objects;
beforeAll(async () => {
  server = await startPostgres();
  await migratePostgres(server.url);
  ledger = await openPostgres(server.url);
  objects = await startObjects({ databaseUrl: server.url });
});
afterAll(async () => {
  await objects?.stop();
  await ledger?.close();
  await server?.stop();
});

const rights = () => objects.object<RightsObject>('RIGHTS', 'rights');
const post = (name: string) => subjectOf('post', '', name);
const DELETED = { on: maskOf(['deleted']), off: 0 };

async function write(names: readonly string[], value: SettingValue): Promise<number> {
  const settings = names.map((name) => ({
    subject: post(name),
    ...({ state: 'deleted', value, effectiveAtMs: null, ref: null } as const),
  }));
  const call = { sourceId: 'platform', reason: 'x', settings, once: null };
  const written = await postgresRights(ledger.db, 100_000).write(call, { actor: 'test', atMs: Date.now() });
  if (written.kind !== 'written') throw new Error(written.kind);
  return written.sequence;
}

describe('the rights object', () => {
  test('reads the registry in pages, and answers from it', async () => {
    const names = Array.from({ length: 4_500 }, (_, at) => `p${at}`);
    const sequence = await write(names, 'on');
    await expect
      .poll(async () => (await rights().statesOf([post('p0'), post('p4499'), post('absent')])).states)
      .toEqual([DELETED, DELETED, NO_STATES]);
    const { asOf } = await rights().statesOf([]);
    expect(asOf!.sequence).toBe(sequence);
    expect(Date.now() - asOf!.readAtMs).toBeLessThan(30_000);
  });

  test('reads a change by its alarm, which it sets while it is asked', async () => {
    await rights().statesOf([]);
    expect(await rights().alarmInMs()).toBeLessThanOrEqual(2_000);
    await write(['p1'], 'unset');
    await expect.poll(async () => (await rights().statesOf([post('p1')])).states).toEqual([NO_STATES]);
  });

  test('answers from its storage while PostgreSQL is unreachable, even after a crash', async () => {
    const before = (await rights().statesOf([post('p2')])).asOf!;
    await server.crash();
    await rights().ring();
    await objects.crash();
    const after = await rights().statesOf([post('p2'), post('p1')]);
    expect(after.states).toEqual([DELETED, NO_STATES]);
    expect(after.asOf!.sequence).toBe(before.sequence);
    expect(after.asOf!.readAtMs).toBeLessThanOrEqual(before.readAtMs);
    await server.revive();
    await rights().ring();
    const revived = (await rights().statesOf([])).asOf!;
    expect(revived.readAtMs).toBeGreaterThan(before.readAtMs);
  });

  test('stops reading after ten minutes without a request', async () => {
    await rights().statesOf([]);
    await rights().setClock(Date.now() + 11 * 60_000);
    await rights().ring();
    expect(await rights().alarmInMs()).toBeNull();
    await rights().setClock(Date.now());
  });
});
