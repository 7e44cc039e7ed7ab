/**
 * Outages of the server under all its users. Every call settles, no transaction is half done, and everything works
 * again.
 */

import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { advisoryLead } from '../../../../src/adapters/postgres/billing/leader.ts';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { openPostgres, type PostgresLedger } from '../../../../src/adapters/postgres/connection/open.ts';
import { startPostgres, type TestPostgres } from '../../../support/services/postgres.ts';
import { silentProxy } from './silent-proxy.ts';

const ROUNDS = 4;
const within = { timeout: 10_000, interval: 50 };

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
  const ledger = await openPostgres(server.url);
  await ledger.sql.unsafe('create table pairs (id bigint, half text)');
  await ledger.close();
});
afterAll(() => server?.stop());

async function opened(url: string, statementTimeoutMs = 30_000): Promise<PostgresLedger> {
  const ledger = await openPostgres(url, { statementTimeoutMs });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** Repeats `work`, and records its results and errors. */
function overAndOver(work: (id: number) => Promise<unknown>) {
  const done: number[] = [];
  const failed: Array<{ id: number; error: unknown }> = [];
  let going = true;
  const running = (async () => {
    for (let id = nextId++; going; id = nextId++) {
      await work(id).then(
        () => done.push(id),
        async (error: unknown) => {
          failed.push({ id, error });
          await sleep(10);
        },
      );
    }
  })();
  return {
    done,
    failed,
    stop: async () => {
      going = false;
      await running;
    },
  };
}
let nextId = 1;

function addPair({ db }: PostgresLedger, id: number): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`insert into pairs values (${id}, 'first')`);
    await tx.execute(sql`select pg_sleep(0.002)`);
    await tx.execute(sql`insert into pairs values (${id}, 'second')`);
  });
}

/** A transaction that runs its statements as fast as it can, and ignores their failures. */
function addPairBlindly({ db }: PostgresLedger, id: number): Promise<void> {
  return db.transaction(async (tx) => {
    for (const half of ['first', 'second']) {
      await tx.execute(sql`insert into pairs values (${id}, ${half})`).catch(() => {});
      await sleep(1);
    }
  });
}

async function answersSoon({ db }: PostgresLedger): Promise<void> {
  await expect.poll(() => rowsOf(db, sql`select 1 as one`).catch(() => []), within).toEqual([{ one: 1 }]);
}

test('calls settle, transactions are whole or absent, and all works again after repeated crashes', async () => {
  const ledger = await opened(server.url);
  const lead = advisoryLead(ledger);
  let heard = 0;
  await ledger.listen('changed', () => heard++);
  const loops = [
    overAndOver((id) => addPair(ledger, id)),
    overAndOver((id) => addPairBlindly(ledger, id)),
    overAndOver(() => ledger.db.execute(sql`select pg_sleep(0.001)`)),
    overAndOver(() => Promise.all([1, 2, 3].map(() => ledger.db.execute(sql`select 1`)))),
    overAndOver(() => lead(() => ledger.db.execute(sql`select pg_sleep(0.01)`))),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const before = loops.map(({ done }) => done.length);
    const failedBefore = loops.map(({ failed }) => failed.length);
    await expect.poll(() => loops.every(({ done }, i) => done.length > before[i]! + 3), within).toBe(true);
    const heardBefore = heard;
    await sleep(Math.random() * 20);
    await server.crash();
    await expect
      .poll(() => loops.every(({ failed }, i) => failed.length > failedBefore[i]! + 2), within)
      .toBe(true);
    await server.revive();
    await answersSoon(ledger);
    await expect.poll(() => heard, within).toBeGreaterThan(heardBefore);
    const listened = heard;
    await ledger.db.execute(sql`notify changed`);
    await expect.poll(() => heard, within).toBeGreaterThan(listened);
  }
  await Promise.all(loops.map((loop) => loop.stop()));

  const pairs = await rowsOf(ledger.db, sql`select id::int, count(*)::int as halves from pairs group by id`);
  expect(pairs.filter(({ halves }) => halves !== 2)).toEqual([]);
  const whole = new Set(pairs.map(({ id }) => id));
  const promised = [...loops[0]!.done, ...loops[1]!.done];
  expect(promised.filter((id) => !whole.has(id))).toEqual([]);
  await ledger.close();
});

test('a transaction fails at once if its connection is lost, and runs nothing more', async () => {
  const ledger = await opened(server.url);
  const other = await opened(server.url);
  const id = nextId++;
  let late: Promise<unknown> | undefined;
  let goOn = (): void => {};
  const paused = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const added = ledger.db.transaction(async (tx) => {
    await tx.execute(sql`insert into pairs values (${id}, 'first')`);
    const [backend] = await rowsOf(tx, sql`select pg_backend_pid() as pid`);
    await other.db.execute(sql`select pg_terminate_backend(${backend?.pid})`);
    // The transaction sends no statement now, like one that waits for its reader.
    late = paused.then(() => tx.execute(sql`insert into pairs values (${id}, 'late')`));
    late.catch(() => {});
    await late;
  });
  await expect(added).rejects.toMatchObject({ code: 'ledger_unavailable' });
  goOn();
  await expect(late).rejects.toThrow();
  expect(await rowsOf(other.db, sql`select * from pairs where id = ${id}`)).toEqual([]);
});

test('the server ends a transaction that sends nothing more, and frees its locks', async () => {
  const proxy = await silentProxy(server.url);
  onTestFinished(() => proxy.stop());
  const [ledger, other] = [await opened(proxy.url, 1_000), await opened(server.url)];
  const lock = sql`select pg_advisory_xact_lock(6)`;
  const transaction = ledger.db.transaction(async (tx) => {
    const [limit] = await rowsOf(tx, sql`show idle_in_transaction_session_timeout`);
    expect(limit).toEqual({ idle_in_transaction_session_timeout: '1min' });
    // The product's time-out is too long for a test.
    await tx.execute(sql`set local idle_in_transaction_session_timeout = '200ms'`);
    await tx.execute(lock);
    proxy.silence();
    await other.db.execute(lock);
  });
  await expect(transaction).rejects.toMatchObject({ code: 'ledger_unavailable' });
});

test('a failing statement rolls its transaction back, even if its failure is ignored', async () => {
  const ledger = await opened(server.url);
  const id = nextId++;
  const overlooked = ledger.db.transaction(async (tx) => {
    await tx.execute(sql`insert into pairs values (${id}, 'first')`);
    await tx.execute(sql`select 1 / 0`).catch(() => {});
  });
  await expect(overlooked).rejects.toMatchObject({ code: '22012' });
  await ledger.db.transaction(async (tx) => {
    await tx.execute(sql`insert into pairs values (${id}, 'outer')`);
    const inner = tx.transaction(async (part) => {
      await part.execute(sql`insert into pairs values (${id}, 'inner')`);
      await part.execute(sql`select 1 / 0`);
    });
    await expect(inner).rejects.toMatchObject({ cause: { code: '22012' } });
  });
  expect(await rowsOf(ledger.db, sql`select half from pairs where id = ${id}`)).toEqual([{ half: 'outer' }]);
});

test('a statement after the end of its transaction is refused', async () => {
  const ledger = await opened(server.url);
  const id = nextId++;
  const kept = await ledger.db.transaction(async (tx) => {
    await tx.execute(sql`select 1`);
    return tx;
  });
  await expect(kept.execute(sql`insert into pairs values (${id}, 'late')`)).rejects.toMatchObject({
    cause: { code: 'ledger_refused' },
  });
  expect(await rowsOf(ledger.db, sql`select * from pairs where id = ${id}`)).toEqual([]);
});

test('calls settle within the time limit on a silent network, and new ones connect again', async () => {
  const network = await silentProxy(server.url);
  onTestFinished(() => network.stop());
  const ledger = await opened(network.url, 500);
  const lead = advisoryLead(ledger);
  await answersSoon(ledger);
  const begun = new EventEmitter();
  const transaction = ledger.db.transaction(async (tx) => {
    await tx.execute(sql`select 1`);
    begun.emit('first');
    await sleep(100);
    await tx.execute(sql`select 1`);
  });
  await once(begun, 'first');
  network.silence();
  const calls = Array.from({ length: 20 }, () => ledger.db.execute(sql`select 1`));
  const hung = [transaction, ...calls, lead(() => ledger.db.execute(sql`select 1`))];
  const ends = await Promise.allSettled(hung);
  expect(ends.map(({ status }) => status)).toEqual(hung.map(() => 'rejected'));
  network.speak();
  await answersSoon(ledger);
});

test('a working leader keeps the lead, and a silent one loses it', async () => {
  const ledger = await opened(server.url);
  const leads = async () => (await advisoryLead(ledger)(async () => true)) === true;
  const options = { idleTimeoutMs: 500, heartbeatMs: 100 };
  await advisoryLead(
    ledger,
    options,
  )(async () => {
    await sleep(4 * options.idleTimeoutMs);
    expect(await leads()).toBe(false);
  });
  expect(await leads()).toBe(true);
  await advisoryLead(ledger, { ...options, heartbeatMs: 60_000 })(async () => {
    expect(await leads()).toBe(false);
    await expect.poll(leads, within).toBe(true);
  });
  await answersSoon(ledger);
});

test('closing returns while the network is silent, and aborts running statements', async () => {
  const network = await silentProxy(server.url);
  onTestFinished(() => network.stop());
  const ledger = await opened(network.url);
  await ledger.listen('changed', () => {});
  await answersSoon(ledger);
  network.silence();
  const [broken] = await Promise.all([
    ledger.db.execute(sql`select 1`).then(
      () => 'answered',
      (error: unknown) => error,
    ),
    // The statement is running by then.
    sleep(100).then(() => ledger.close()),
  ]);
  expect(broken).toMatchObject({ cause: { code: 'CONNECTION_DESTROYED' } });
  await expect(ledger.db.execute(sql`select 1`)).rejects.toMatchObject({
    cause: { code: 'ledger_unavailable' },
  });
});

test('listening restarts after the network loses everything silently', { timeout: 60_000 }, async () => {
  const network = await silentProxy(server.url);
  onTestFinished(() => network.stop());
  const ledger = await opened(network.url, 500);
  let heard = 0;
  await ledger.listen('changed', () => heard++);
  expect(heard).toBe(1);
  network.silence();
  network.speak();
  // A probe runs every 5 s, and one statement has its time limit.
  await expect.poll(() => heard, { timeout: 30_000, interval: 200 }).toBe(2);
});
