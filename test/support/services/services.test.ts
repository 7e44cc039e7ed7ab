import { existsSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import postgres from 'postgres';
import { describe, expect, inject, test } from 'vitest';
import { freshDatabase } from './fresh-database.ts';
import { freshRedis } from './fresh-redis.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

async function number(url: string, statement: string): Promise<number> {
  const sql = postgres(url, { max: 1 });
  try {
    const [row] = await sql.unsafe<{ n: number }[]>(statement);
    return row?.n ?? Number.NaN;
  } finally {
    await sql.end();
  }
}

describe('PostgreSQL', () => {
  test('two databases with one name are separate, and a dropped one does not exist', async () => {
    const [one, other] = await Promise.all([freshDatabase('Same Name'), freshDatabase('Same Name')]);
    expect(one.url).not.toBe(other.url);
    expect(
      await number(one.url, 'create table t (n int); insert into t values (7); select 1 as n'),
    ).toBeNaN();
    expect(await number(one.url, 'select n from t')).toBe(7);
    await expect(number(other.url, 'select n from t')).rejects.toThrow('"t" does not exist');
    await Promise.all([one.drop(), other.drop()]);
    await expect(number(one.url, 'select 1 as n')).rejects.toThrow('does not exist');
  });

  test('a private server keeps what it committed through a crash, and leaves no folder', async () => {
    const own = await startPostgres();
    expect(own.url).not.toBe(inject('postgresUrl'));
    await number(own.url, 'create table t as select 7 as n');
    await own.crash();
    await expect(number(own.url, 'select n from t')).rejects.toThrow('ECONNREFUSED');
    await own.revive();
    expect(await number(own.url, 'select n from t')).toBe(7);
    expect(existsSync(own.folder)).toBe(true);
    await own.stop();
    expect(existsSync(own.folder)).toBe(false);
    await expect(number(own.url, 'select 1 as n')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('Redis', () => {
  test("two test files do not see each other's keys", async () => {
    const [one, other] = await Promise.all([freshRedis(), freshRedis()]);
    const [a, b] = [new Redis(one.url), new Redis(other.url)];
    await a.set('key', 'mine');
    expect(await b.get('key')).toBeNull();
    await one.drop();
    expect(await a.get('key')).toBeNull();
    a.disconnect();
    b.disconnect();
  });

  test('a cluster of one node takes keys of any slot', async () => {
    const own = await startRedis({ cluster: true });
    const cluster = new Cluster([own.url]);
    const keys = Array.from({ length: 50 }, (_, index) => `key${index}`);
    await Promise.all(keys.map((key) => cluster.set(key, key)));
    expect(await Promise.all(keys.map((key) => cluster.get(key)))).toEqual(keys);
    cluster.disconnect();
    await own.stop();
  });
});
