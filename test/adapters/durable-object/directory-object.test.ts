import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { ledgerDirectorySource } from '../../../src/adapters/postgres/directory-source.ts';
import { startPostgres, type TestPostgres } from '../../support/services/postgres.ts';
import type { DirectoryObject } from './worker.ts';
import { type Objects, startObjects } from './workerd.ts';

let server: TestPostgres;
let sql: postgres.Sql;
let objects: Objects;
beforeAll(async () => {
  server = await startPostgres();
  await migratePostgres(server.url);
  sql = postgres(server.url, { max: 1, onnotice: () => {} });
  objects = await startObjects({ databaseUrl: server.url });
});
afterAll(async () => {
  await objects?.stop();
  await sql?.end();
  await server?.stop();
});

const directory = () => objects.object<DirectoryObject>('DIRECTORY', 'directory');

async function addClients(from: number, count: number): Promise<void> {
  await sql`insert into clients (id, name, source)
    select 'c' || n, 'Client ' || n || repeat('ä', 40), 'operator'
    from generate_series(${from}::int, ${from + count - 1}::int) as n`;
}

describe('the directory object', () => {
  test('returns the directory and the secret of the ledger, or null for a known version', async () => {
    await addClients(1, 20_000);
    const ledger = await openPostgres(server.url);
    const source = ledgerDirectorySource(ledger);
    const answer = (await directory().directory(null))!;
    const expected = await source.load();
    expect(answer.snapshot.clients).toHaveLength(20_000);
    expect(answer.snapshot.tariffs).toEqual(expected.tariffs);
    expect(Buffer.from(answer.keySecret)).toEqual(await source.keySecret());
    await ledger.close();
    expect(await directory().directory(answer.version)).toBeNull();
    expect(await directory().pieces()).toBeGreaterThan(1);
  });

  test('reads a change by its alarm', async () => {
    const before = (await directory().directory(null))!;
    expect((await directory().alarmInMs())!).toBeLessThanOrEqual(15_000);
    await addClients(20_001, 1);
    await directory().hasten();
    await expect
      .poll(() => directory().directory(before.version), { timeout: 40_000, interval: 50 })
      .not.toBeNull();
    const after = (await directory().directory(before.version))!;
    expect(after.snapshot.clients.some(({ id }) => id === 'c20001')).toBe(true);
  });

  test('does not postpone its alarm when it is called after an eviction', async () => {
    await directory().directory(null);
    const before = (await directory().alarmInMs())!;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await directory()
      .evict()
      .catch(() => {});
    await directory().directory(null);
    expect((await directory().alarmInMs())!).toBeLessThan(before);
  });

  test('sets a lost alarm again', async () => {
    await directory().directory(null);
    await directory().loseAlarm();
    await directory().directory(null);
    expect(await directory().alarmInMs()).toBeNull();
    await directory().setClock(Date.now() + 180_000);
    await directory().directory(null);
    expect(await directory().alarmInMs()).toBeGreaterThan(0);
    await directory().setClock(Date.now());
    await directory().ring();
  });

  test('returns stored lists of address ranges, without prefixes that the caller has', async () => {
    const url = 'https://openai.com/gptbot.json';
    await sql`insert into agent_lists (url, fetched_at, prefixes, tried_at)
      values (${url}, to_timestamp(1000), ${sql.json(['20.171.206.0/23'])}, to_timestamp(1000))`;
    const ask = (fetchedAtMs: number | null) => directory().agentLists(new Map([[url, fetchedAtMs]]));
    expect(await ask(null)).toMatchObject([{ url, prefixes: ['20.171.206.0/23'], fetchedAtMs: 1_000_000 }]);
    const [known] = await ask(1_000_000);
    expect(known).toMatchObject({ url, fetchedAtMs: 1_000_000 });
    expect(known!.prefixes).toBeUndefined();
  });

  test('returns verdicts of other processes, and none for an agent that it does not know', async () => {
    await sql`insert into agent_verdicts (address, agent, verdict, names, checked_at, until_at)
      values ('66.249.99.1', 'Googlebot', 'verified', '{crawl-1.googlebot.com}', now(), now() + interval '1 day')`;
    expect(await directory().agentVerdict('66.249.99.1', 'Googlebot')).toMatchObject({
      ...{ result: 'verified', names: ['crawl-1.googlebot.com'] },
    });
    expect(await directory().agentVerdict('66.249.99.1', 'NoBot')).toBeNull();
  });

  test('answers from its storage while PostgreSQL is unreachable, even after a crash', async () => {
    const before = (await directory().directory(null))!;
    await server.crash();
    await directory().ring();
    expect(await directory().directory(before.version)).toBeNull();
    await objects.crash();
    const after = (await directory().directory(null))!;
    expect(after.version).toBe(before.version);
    expect(after.keySecret).toEqual(before.keySecret);
    expect(after.snapshot.tariffs).toEqual(before.snapshot.tariffs);
    expect(after.snapshot.clients).toEqual(
      before.snapshot.clients.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    // A new object has nothing to return.
    await expect(objects.object<DirectoryObject>('DIRECTORY', 'new').directory(null)).rejects.toThrow(
      /cannot be reached|could not be read/,
    );
    await server.revive();
  });
});
