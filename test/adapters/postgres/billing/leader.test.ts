import { afterAll, beforeAll, expect, test } from 'vitest';
import { standingLead } from '../../../../src/adapters/postgres/billing/leader.ts';
import { openPostgres, type PostgresLedger } from '../../../../src/adapters/postgres/connection/open.ts';
import { type FreshDatabase, freshDatabase } from '../../../support/services/fresh-database.ts';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts';
import { until } from '../../../support/until.ts';

let database: FreshDatabase;
let network: TcpProxy;
let ledgers: PostgresLedger[];

beforeAll(async () => {
  database = await freshDatabase('leader');
  network = await startTcpProxy(Number(new URL(database.url).port));
  ledgers = [await openPostgres(network.through(database.url)), await openPostgres(database.url)];
});
afterAll(async () => {
  for (const ledger of ledgers) await ledger.close();
  await network.stop();
  await database.drop();
});

test('one process leads, even between its runs, until it releases the lead or loses its connection', async () => {
  const [one, other] = ledgers.map((ledger) => standingLead(ledger)) as [
    ReturnType<typeof standingLead>,
    ReturnType<typeof standingLead>,
  ];
  const leading = () => [one.leads(), other.leads()];
  const run = async () => true;
  expect(await one.lead(run)).toBe(true);
  expect(await other.lead(run)).toBeUndefined();
  expect(await one.lead(run)).toBe(true);
  expect(leading()).toEqual([true, false]);

  network.cut();
  await until('the loss is noticed', () => !one.leads());
  await until('the other leads', async () => (await other.lead(run)) === true);
  expect(await one.lead(run)).toBeUndefined();
  expect(leading()).toEqual([false, true]);

  await other.release();
  expect(leading()).toEqual([false, false]);
  expect(await one.lead(run)).toBe(true);
  expect(leading()).toEqual([true, false]);
  await one.release();
});
