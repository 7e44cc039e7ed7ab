import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveStore } from '../../../src/adapters/postgres/admin/moves.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { type ObjectSite, SHIPPED, startSite, thisMinute } from './client.ts';
import type { DirectoryObject } from './worker.ts';

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

test('a move changes the totals of both clients once, and so does later usage of the former client', async () => {
  const [former, owner] = [site.client(), site.client()];
  const directory = site.objects.object<DirectoryObject>('DIRECTORY', 'directory');
  const ids = [former.clientId, owner.clientId];
  await site.sql`insert into clients (id, name, source) select id, id, 'operator' from unnest(${ids}::text[]) as id`;
  await site.sql`insert into identifiers (id, client_id, kind, key_hash, created_at)
    values ('key', ${former.clientId}, 'api_key', 'hash', now())`;
  const totals = async () => [await former.total(), await owner.total()].map(({ posts }) => posts);
  await former.record(5);
  await owner.record(7);
  await expect.poll(() => site.inLedger(former.clientId), SHIPPED).toBe(5);
  await expect.poll(async () => (await owner.total()).isKnown, SHIPPED).toBe(true);
  await directory.directory(null);
  await directory.ring();
  const ledger = await openPostgres(site.server.url);
  const ends = { fromClientId: former.clientId, toClientId: owner.clientId };
  const move = { identifierId: 'key', ...ends, fromMs: thisMinute() - 60_000, untilMs: null, reason: 'sold' };
  const result = await moveStore(ledger.db).moveIdentifier(move, { actor: 'test', atMs: Date.now() });
  await ledger.close();
  expect(result).toMatchObject({ kind: 'moved', posts: 5 });
  await directory.ring();
  await directory.ring();
  expect(await totals()).toEqual([0, 12]);
  await former.record(20);
  await former.object.ring();
  await expect.poll(() => site.inLedger(owner.clientId), SHIPPED).toBe(32);
  await directory.ring();
  expect(await totals()).toEqual([0, 32]);
});
