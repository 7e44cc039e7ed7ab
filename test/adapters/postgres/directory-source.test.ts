import { EventEmitter, once } from 'node:events';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { LedgerConnection } from '../../../src/adapters/postgres/connection/db.ts';
import { rowsOf } from '../../../src/adapters/postgres/connection/db.ts';
import { ledgerDirectorySource } from '../../../src/adapters/postgres/directory-source.ts';
import { clients, identifiers, tariffVersions } from '../../../src/adapters/postgres/schema.ts';
import { postgresUsageLedger } from '../../../src/adapters/postgres/usage/ledger.ts';
import { DEFAULT_TARIFF } from '../../../src/tariff/tariff.ts';
import { tariffToJson } from '../../../src/tariff/terms.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from './empty-ledger.ts';

describe.each(LEDGER_KINDS)('the directory in %s', (kind) => {
  let made: EmptyLedger;
  beforeAll(async () => {
    made = await emptyLedger(kind, 'directory');
  });
  afterAll(() => made.drop());

  test('contains only the default tariff in a new ledger', async () => {
    const snapshot = await ledgerDirectorySource(made.ledger).load();
    expect(snapshot).toMatchObject({ clients: [], identifiers: [] });
    expect(snapshot.tariffs).toMatchObject([
      { clientId: null, version: 1, validFromMs: 0, tariff: DEFAULT_TARIFF },
    ]);
  });

  test('contains neither revoked identifiers nor clients that are only an address', async () => {
    const { db } = made.ledger;
    await addClient(db, 'holds');
    await db.insert(clients).values({ id: 'addr:192.0.2.1', name: '192.0.2.1', source: 'address' });
    await db.insert(identifiers).values([
      { id: 'k1', clientId: 'holds', kind: 'api_key', keyHash: 'aa' },
      { id: 'k2', clientId: 'holds', kind: 'api_key', keyHash: 'bb', revokedAt: new Date() },
      { id: 'r1', clientId: 'holds', kind: 'cidr', cidr: '203.0.113.0/24' },
    ]);
    await addTariff(db, 'holds', 1, tariffToJson({ ...DEFAULT_TARIFF, windowSeconds: 90 }));
    await addTariff(db, 'holds', 2, null);
    const snapshot = await ledgerDirectorySource(made.ledger).load();
    expect(snapshot.clients).toEqual([{ id: 'holds', name: 'Holds' }]);
    expect(snapshot.identifiers.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: 'k1', clientId: 'holds', kind: 'api_key', keyHash: 'aa' },
      { id: 'r1', clientId: 'holds', kind: 'cidr', cidr: '203.0.113.0/24' },
    ]);
    const own = snapshot.tariffs.filter((version) => version.clientId === 'holds');
    expect(own.map((version) => version.tariff)).toEqual([{ ...DEFAULT_TARIFF, windowSeconds: 90 }, null]);
  });

  test('reports each kind of change on another connection within a second', async () => {
    const { next } = await watched(made.ledger);
    const { db } = await made.another();
    const changes: Array<() => Promise<unknown>> = [
      () => addClient(db, 'heard'),
      () => db.update(clients).set({ name: 'New' }).where(eq(clients.id, 'heard')),
      () => db.insert(identifiers).values({ id: 'h1', clientId: 'heard', kind: 'api_key', keyHash: 'cc' }),
      () => db.update(identifiers).set({ revokedAt: new Date() }).where(eq(identifiers.id, 'h1')),
      () => addTariff(db, 'heard', 1, null),
    ];
    for (const change of changes) {
      const heard = next();
      await change();
      await heard;
    }
  });

  test('does not notify about clients that the ledger creates for addresses', async () => {
    const { db } = await made.another();
    const heard: string[] = [];
    const stop = await made.ledger.listen('postmeter_directory', () => heard.push('directory'));
    onTestFinished(stop);
    const marked = new EventEmitter();
    onTestFinished(await made.ledger.listen('marker', () => marked.emit('heard')));
    heard.length = 0;
    const zero = { posts: 1, requests: 1, refused: 0, bytes: 0, uncounted: 0 };
    const usage = [{ clientId: 'addr:192.0.2.77', identifierId: 'i', bucketMs: 0, ...zero }];
    await postgresUsageLedger(db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
    // Notifications arrive in the order of the commits, so any that precedes the marker has arrived.
    const marker = once(marked, 'heard');
    await db.execute(sql`notify marker`);
    await marker;
    expect(heard).toEqual([]);
  });

  test('reports nothing after the stop', async () => {
    let calls = 0;
    const stop = await ledgerDirectorySource(made.ledger).watch(() => calls++);
    await stop();
    const { next } = await watched(made.ledger);
    const before = calls;
    const heard = next();
    await addClient((await made.another()).db, 'late');
    await heard;
    expect(calls).toBe(before);
  });

  test('polls if no notification arrives', async () => {
    const polled = new EventEmitter();
    const deaf: LedgerConnection = { ...made.ledger, listen: async () => async () => {} };
    const stop = await ledgerDirectorySource(deaf, { pollMs: 10 }).watch(() => polled.emit('changed'));
    onTestFinished(stop);
    await once(polled, 'changed');
  });

  test('gives all processes the same secret, whichever starts first', async () => {
    const sources = [made.ledger, await made.another(), await made.another()].map((ledger) =>
      ledgerDirectorySource(ledger),
    );
    const [first, ...others] = await Promise.all(sources.map((source) => source.keySecret()));
    expect(first).toHaveLength(32);
    expect(Buffer.isBuffer(first)).toBe(true);
    for (const other of others) expect(other.equals(first!)).toBe(true);
    const given = ledgerDirectorySource(made.ledger, { keySecret: 'given' });
    expect(await given.keySecret()).toEqual(Buffer.from('given'));
  });
});

test('postgres: the directory is read again after the connection was cut, and notifications arrive again', async () => {
  const made = await emptyLedger('postgres', 'directory-cut');
  onTestFinished(made.drop);
  const { next } = await watched(made.ledger);
  const { db } = await made.another();
  const again = next();
  const cut = await rowsOf(
    db,
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %'`,
  );
  expect(cut).toHaveLength(1);
  await again;
  const heard = next();
  await addClient(db, 'after-the-cut');
  await heard;
});

/** Waits for the calls that listening itself causes; `next` is the call after them. */
async function watched(ledger: LedgerConnection) {
  const calls = new EventEmitter();
  const next = () => once(calls, 'changed', { signal: AbortSignal.timeout(5_000) });
  const begun = next();
  const stop = await ledgerDirectorySource(ledger).watch(() => calls.emit('changed'));
  onTestFinished(stop);
  await begun;
  return { next };
}

function addClient(db: LedgerConnection['db'], id: string) {
  return db.insert(clients).values({ id, name: id[0]!.toUpperCase() + id.slice(1), source: 'operator' });
}

function addTariff(
  db: LedgerConnection['db'],
  clientId: string,
  version: number,
  terms: Record<string, unknown> | null,
) {
  const who = { createdBy: 'test', reason: 'test' };
  return db
    .insert(tariffVersions)
    .values({ id: crypto.randomUUID(), clientId, version, validFrom: new Date(0), terms, ...who });
}
