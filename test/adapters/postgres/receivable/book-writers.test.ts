import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  isLedgerAway,
  type LedgerDb,
  rowsOf,
  sqlStateOf,
} from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresPayments } from '../../../../src/adapters/postgres/receivable/books.ts';
import { writeEntries } from '../../../../src/adapters/postgres/receivable/write.ts';
import type { NewEntry } from '../../../../src/receivable/allocate.ts';
import { draws } from '../../../support/draws.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { violations } from './invariants.ts';
import { addClients, issued } from './issued.ts';

const WHO = { actor: 'Ada', atMs: Date.UTC(2026, 3, 20) };

async function payment(
  db: LedgerDb,
  amountMinor: bigint,
  clientId: string | null = 'globex',
): Promise<string> {
  const id = uuidv7();
  const none = { payer: null, reference: null, method: null, externalId: null, note: null };
  const money = { sellerId: 'default', clientId, receivedOn: '2026-04-01', amountMinor, currency: 'USD' };
  await postgresPayments(db).record({ id, ...money, ...none, source: 'hand' }, [], WHO);
  return id;
}

describe('M1: writers at once on postgres', () => {
  let empty: EmptyLedger;
  let db: LedgerDb;
  beforeAll(async () => {
    empty = await emptyLedger('postgres', 'book-writers');
    ({ db } = empty.ledger);
    await addClients(db, 'globex');
  });
  afterAll(() => empty.drop());

  const amount = fc.bigInt(1n, 6n);
  const pick = fc.nat(2);
  const move = fc.oneof(
    fc.record({
      do: fc.constant('allocate' as const),
      from: pick,
      to: fc.uniqueArray(pick, { minLength: 1 }),
      amount,
    }),
    fc.record({ do: fc.constant('refund' as const), from: pick, amount }),
    fc.record({ do: fc.constant('reverse' as const), at: fc.nat(20) }),
  );
  type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;
  const fourWriters = fc.array(fc.array(move, { minLength: 4, maxLength: 8 }), {
    minLength: 4,
    maxLength: 4,
  });

  /** Returns the answers of the moves that the ledger did not fail. */
  async function run(writers: readonly (readonly Move[])[]): Promise<{ kind: string }[]> {
    const books = postgresPayments(db);
    const invoices = [await issued(db, 10n), await issued(db, 10n), await issued(db, 10n)];
    const funds = [await payment(db, 14n), await payment(db, 14n), await payment(db, 14n)];
    const answers: { kind: string }[] = [];
    const take = (taken: Move): Promise<{ kind: string }> => {
      if (taken.do === 'allocate') {
        const allocations = taken.to.map((to) => ({ invoiceId: invoices[to]!, amountMinor: taken.amount }));
        return books.allocate({ kind: 'payment', id: funds[taken.from]! }, allocations, WHO);
      }
      if (taken.do === 'refund') {
        const refund = {
          paymentId: funds[taken.from]!,
          creditNoteId: null,
          paidOn: '2026-04-02',
          reason: 'x',
        };
        return books.refund({ id: uuidv7(), amountMinor: taken.amount, ...refund }, WHO);
      }
      return lastEntry(taken.at).then((entryId) =>
        books.reverse({ entryId, on: '2026-04-03', reason: 'x' }, WHO),
      );
    };
    const lastEntry = async (back: number) => {
      const [row] = await rowsOf(db, sql`select coalesce(max(id), 1)::int - ${back} as id from entries`);
      return Number(row!.id);
    };
    await Promise.all(
      writers.map(async (moves) => {
        for (const taken of moves) {
          await take(taken).then(
            (answer) => answers.push(answer),
            (error: unknown) => {
              if (!isLedgerAway(error)) throw error;
            },
          );
        }
      }),
    );
    return answers;
  }

  it('keep the invariants, and the rules refuse before the database does', async () => {
    await fc.assert(
      fc.asyncProperty(fourWriters, async (writers) => {
        const answers = await run(writers);
        expect(answers).toHaveLength(writers.flat().length);
        expect(JSON.stringify(answers, (_, value) => String(value))).not.toContain('contradicts');
        expect(await violations(db)).toEqual([]);
      }),
      { numRuns: draws(4) },
    );
  });

  it('keep the invariants if connections are killed between any statements', async () => {
    const killer = (await empty.another()).db;
    await fc.assert(
      fc.asyncProperty(
        fourWriters,
        fc.array(fc.nat(25), { minLength: 6, maxLength: 6 }),
        async (writers, waits) => {
          const running = run(writers).catch((error: unknown) => {
            if (!isLedgerAway(error)) throw error;
          });
          for (const waitMs of waits) {
            await new Promise((resolve) => setTimeout(resolve, waitMs));
            await killer.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and state like '%transaction%'
            order by random() limit 1`);
          }
          await running;
          expect(await violations(killer)).toEqual([]);
        },
      ),
      { numRuns: draws(4) },
    );
  });
});

/** Writes entries past the rules, as a faulty program would. What the database refuses is left out. */
async function attack(db: LedgerDb): Promise<string[]> {
  const [first, second] = [await issued(db, 10n), await issued(db, 100n)];
  const [small, large] = [await payment(db, 12n), await payment(db, 500n)];
  const entry = (invoiceId: string, amountMinor: bigint, over: Partial<NewEntry> = {}): NewEntry => ({
    ...{ invoiceId, kind: 'payment', amountMinor, paymentId: large, creditNoteId: null, reversesId: null },
    ...{ effectiveOn: '2026-04-02', reason: null, ...WHO, ...over },
  });
  const tryTo = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!sqlStateOf(error)?.startsWith('23')) throw error;
    });
  await tryTo(writeEntries(db, [entry(first, -11n)]));
  await tryTo(writeEntries(db, [entry(second, -13n, { paymentId: small })]));
  // Each of two transactions draws more than half of what the payment has; the first ends last.
  await tryTo(
    db.transaction(async (tx) => {
      await writeEntries(tx, [entry(first, -7n, { paymentId: small })]);
      const other = tryTo(writeEntries(db, [entry(second, -7n, { paymentId: small })]));
      await Promise.race([other, new Promise((resolve) => setTimeout(resolve, 150))]);
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [paid] = await writeEntries(db, [entry(second, -20n), entry(second, -30n)]);
  const undo = entry(second, 20n, { kind: 'reversal', reversesId: paid!.id });
  await tryTo(writeEntries(db, [undo]));
  await tryTo(writeEntries(db, [undo]));
  return violations(db);
}

const replaceIn = (name: string, from: string, to: string) => async (db: LedgerDb) => {
  const [row] = await rowsOf(db, sql`select pg_get_functiondef(${name}::regproc) as text`);
  const text = String(row!.text);
  expect(text).toContain(from);
  await db.execute(sql.raw(text.replace(from, to)));
};

const MUTANTS: readonly (readonly [string, readonly string[], (db: LedgerDb) => Promise<unknown>])[] = [
  ['as they are', [], async () => undefined],
  [
    'without the lock of a payment',
    ['B3'],
    replaceIn('postmeter_check_entry', '"id" = NEW."payment_id" FOR UPDATE', '"id" = NEW."payment_id"'),
  ],
  [
    'with a negative balance allowed',
    ['B2'],
    (db) => db.execute(sql`alter table receivables drop constraint receivables_balance`),
  ],
  [
    'with a payment that can be allocated twice',
    ['B3'],
    replaceIn('postmeter_check_entry', '"drawn" - NEW."amount_minor" > "paid"."amount_minor"', 'false'),
  ],
  [
    'with an entry that can be reversed twice',
    ['B3'],
    (db) => db.execute(sql`alter table entries drop constraint entries_reverses_id_unique`),
  ],
  [
    'with receivables that forget reversals',
    ['B7'],
    replaceIn(
      'postmeter_keep_receivable',
      `IF NEW."kind" = 'charge' THEN`,
      `IF NEW."kind" = 'reversal' THEN RETURN NULL; END IF; IF NEW."kind" = 'charge' THEN`,
    ),
  ],
];

describe.each(MUTANTS.map(([name, found, mutate]) => ({ name, found, mutate })))(
  'the triggers of the book $name',
  ({ found, mutate }) => {
    test(found.length === 0 ? 'hold against faulty writers' : `are found by ${found.join()}`, async () => {
      const empty = await emptyLedger('postgres', 'book-mutant');
      try {
        const { db } = empty.ledger;
        await addClients(db, 'globex');
        await mutate(db);
        const names = (await attack(db)).map((violation) => violation.split(' ')[0]);
        if (found.length === 0) expect(names).toEqual([]);
        else expect(names).toEqual(expect.arrayContaining([...found]));
      } finally {
        await empty.drop();
      }
    });
  },
);

describe.each(LEDGER_KINDS)('M3: final tables on %s', (kind) => {
  let empty: EmptyLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `book-final-${kind}`);
    const { db } = empty.ledger;
    await addClients(db, 'globex');
    const [invoiceId, id] = [await issued(db, 10n), await payment(db, 20n)];
    const books = postgresPayments(db);
    await books.allocate({ kind: 'payment', id }, [{ invoiceId, amountMinor: 4n }], WHO);
    const refund = { paymentId: id, creditNoteId: null, paidOn: '2026-04-02', reason: 'x' };
    await books.refund({ id: uuidv7(), amountMinor: 1n, ...refund }, WHO);
  });
  afterAll(() => empty.drop());

  const STATEMENTS = [
    ...['payments', 'entries', 'refunds'].flatMap((table) => [
      `update ${table} set amount_minor = amount_minor + 1`,
      `update ${table} set actor = 'x'`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]),
    'update receivables set balance_minor = 0',
    "update receivables set due_on = '2999-01-01'",
    'delete from receivables',
    'truncate receivables',
    `insert into receivables select gen_random_uuid(), client_id, seller_id, currency, payable_minor, balance_minor,
      paid_minor, credited_minor, written_off_minor, due_on, dispute_id, dunning_level, updated_at from receivables`,
    ...['logos', 'tax_rules', 'clauses', 'dunnings', 'documents', 'sendings', 'disputes', 'proposals'].map(
      (table) => `truncate ${table} cascade`,
    ),
  ];

  test.each(STATEMENTS)('%s is refused', async (statement) => {
    const state = await empty.ledger.db.execute(sql.raw(statement)).then(() => 'done', sqlStateOf);
    expect(state).toBe('23001');
    expect(await violations(empty.ledger.db)).toEqual([]);
  });
});
