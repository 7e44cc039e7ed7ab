import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminStore } from '../../../../src/adapters/postgres/admin/store.ts';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';
import { events } from '../../../../src/adapters/postgres/notify/tables.ts';
import { proposalDeskOn } from '../../../../src/adapters/postgres/proposal/desk.ts';
import { postgresPayments } from '../../../../src/adapters/postgres/receivable/books.ts';
import { claimDesk } from '../../../../src/adapters/postgres/receivable/claim-desk.ts';
import { remindOverdue } from '../../../../src/adapters/postgres/receivable/dunnings.ts';
import { receivables } from '../../../../src/adapters/postgres/receivable/tables.ts';
import { writeOffAction } from '../../../../src/adapters/postgres/receivable/write-off.ts';
import { dunningLevels } from '../../../../src/adapters/postgres/seller/tables.ts';
import { FOUR_EYES } from '../../../../src/proposal/four-eyes.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { addClients, addSeller, issued } from './issued.ts';

/** Issued on 2026-03-01, so due on 2026-03-31. */
const on = (month: number, day: number) => Date.UTC(2026, month - 1, day, 9);
const who = (atMs: number) => ({ actor: 'Ada', tokenId: null, atMs });

describe.each(LEDGER_KINDS)('the desk of claims on %s', (kind) => {
  let empty: EmptyLedger;
  let db: LedgerDb;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `claims-${kind}`);
    db = empty.ledger.db;
    await addClients(db, 'globex', 'held');
    await addSeller(db, 'patient');
  });
  afterAll(() => empty.drop());

  const book = async (invoiceId: string) =>
    (await db.select().from(receivables).where(eq(receivables.invoiceId, invoiceId)))[0];
  const eventsOf = async (invoiceId: string) =>
    (
      await db
        .select()
        .from(events)
        .where(eq(events.subject, `invoices/${invoiceId}`))
    ).map(({ type }) => type);
  const auditOf = async (under: string) =>
    (await adminStore(db).audit({ under }, { limit: 50, after: null })).items.map(({ action }) => action);
  const writeOff = (invoiceId: string, reason = 'insolvent') =>
    proposalDeskOn(db, { rules: FOUR_EYES, actions: { write_off: writeOffAction }, newId: uuidv7 }).submit(
      { kind: 'write_off', subject: `invoices/${invoiceId}`, payload: {}, reason },
      who(on(5, 1)),
    );

  test('a dispute is opened, answered and resolved once each, and dunning rests meanwhile', async () => {
    const desk = claimDesk(db);
    const invoiceId = await issued(db, 100n);
    const added = {
      id: uuidv7(),
      invoiceId,
      ground: 'counting',
      text: 'too many',
      disputedMinor: 60n,
    } as const;
    expect(await desk.openDispute({ ...added, disputedMinor: 101n }, who(on(4, 1)))).toEqual({
      ...{ kind: 'refused', fault: 'exceeds_payable' },
    });
    expect(await desk.openDispute(added, who(on(4, 1)))).toMatchObject({
      ...{ kind: 'written', dispute: { ...added, outcome: null } },
    });
    expect(await book(invoiceId)).toMatchObject({ disputeId: added.id });
    expect(await desk.openDispute({ ...added, id: uuidv7() }, who(on(4, 1)))).toMatchObject({
      fault: 'already_disputed',
    });
    expect(await desk.remind(invoiceId, who(on(5, 1)))).toEqual({ kind: 'refused', obstacle: 'disputed' });
    await remindOverdue(db, on(5, 1));
    expect(await desk.dunnings(invoiceId)).toEqual([]);

    await desk.answerDispute(added.id, 'each post is in the evidence', who(on(5, 2)));
    expect(await desk.answerDispute(added.id, 'again', who(on(5, 2)))).toMatchObject({
      fault: 'already_answered',
    });
    const resolved = await desk.resolveDispute(added.id, 'rejected', 'counted twice', who(on(5, 3)));
    expect(resolved).toMatchObject({
      dispute: { outcome: 'rejected', answer: 'each post is in the evidence' },
    });
    expect(await desk.resolveDispute(added.id, 'upheld', 'no', who(on(5, 3)))).toMatchObject({
      fault: 'already_resolved',
    });
    expect(await book(invoiceId)).toMatchObject({ disputeId: null });
    expect(await auditOf(`invoices/${invoiceId}`)).toEqual([
      ...['dispute.resolved', 'dispute.answered', 'dispute.opened'],
    ]);
    expect(await eventsOf(invoiceId)).toEqual(['invoice.disputed', 'invoice.dispute_resolved']);
    const second = { ...added, id: uuidv7() };
    expect(await desk.openDispute(second, who(on(5, 4)))).toMatchObject({ kind: 'written' });
    expect((await desk.disputes(invoiceId)).map(({ id }) => id)).toEqual([added.id, second.id]);
    expect(await desk.openDispute({ ...added, invoiceId: uuidv7() }, who(on(5, 4)))).toMatchObject({
      fault: 'no_book',
    });
  });

  test('the job writes each level once, also from two processes, and a person may be earlier', async () => {
    const desk = claimDesk(db);
    const invoiceId = await issued(db, 100n);
    await remindOverdue(db, on(4, 2));
    expect(await desk.dunnings(invoiceId)).toEqual([]);
    const other = (await empty.another()).db;
    await Promise.all([remindOverdue(db, on(4, 3)), remindOverdue(other, on(4, 3))]);
    expect(await desk.dunnings(invoiceId)).toMatchObject([{ level: 1, actor: 'billing' }]);
    await remindOverdue(db, on(4, 4));
    expect(await desk.remind(invoiceId, who(on(4, 5)))).toMatchObject({
      dunning: { level: 2, actor: 'Ada' },
    });
    expect(await book(invoiceId)).toMatchObject({ dunningLevel: 2 });
    await remindOverdue(db, on(5, 1));
    expect((await desk.dunnings(invoiceId)).map(({ level }) => level)).toEqual([1, 2, 3]);
    expect(await desk.remind(invoiceId, who(on(6, 1)))).toEqual({ kind: 'refused', obstacle: 'no_level' });
    expect(await eventsOf(invoiceId)).toEqual(Array(3).fill('invoice.reminded'));
    expect(await auditOf(`invoices/${invoiceId}`)).toEqual(Array(3).fill('invoice.reminded'));
  });

  test('dunning rests on billing hold, follows the levels of the seller, and ends with the debt', async () => {
    const desk = claimDesk(db);
    const row = { title: {}, text: {}, updatedAt: new Date(0) };
    await db
      .insert(dunningLevels)
      .values({ ...row, sellerId: 'patient', level: 1, daysAfterDue: 30, isAutomatic: true });
    const patient = await issued(db, 100n, { sellerId: 'patient' });
    const held = await issued(db, 100n, { clientId: 'held' });
    await adminStore(db).holdClient('held', 'a complaint', who(on(4, 1)));
    await remindOverdue(db, on(4, 29));
    expect(await desk.dunnings(patient)).toEqual([]);
    expect(await desk.dunnings(held)).toEqual([]);
    await remindOverdue(db, on(4, 30));
    expect(await desk.dunnings(patient)).toHaveLength(1);
    expect(await desk.remind(held, who(on(5, 1)))).toEqual({ kind: 'refused', obstacle: 'held' });
    await writeOff(patient);
    expect(await desk.remind(patient, who(on(5, 1)))).toEqual({ kind: 'refused', obstacle: 'paid' });
    expect(await desk.remind(await issued(db, -5n), who(on(5, 1)))).toMatchObject({ obstacle: 'no_book' });
  });

  test('a write-off takes what is still owed, once, and a reversal takes it back', async () => {
    const invoiceId = await issued(db, 100n);
    const done = await writeOff(invoiceId);
    if (done.kind !== 'done') throw new Error(done.kind);
    expect(await book(invoiceId)).toMatchObject({ balanceMinor: 0n, writtenOffMinor: 100n });
    expect(await writeOff(invoiceId)).toMatchObject({ kind: 'refused', refusal: { status: 409 } });
    const reversal = { entryId: Number(done.id), on: '2026-05-02', reason: 'it paid after all' };
    await postgresPayments(db).reverse(reversal, who(on(5, 2)));
    expect(await book(invoiceId)).toMatchObject({ balanceMinor: 100n, writtenOffMinor: 0n });
    expect(await auditOf(`invoices/${invoiceId}`)).toEqual([
      ...['entry.reversed', 'invoice.written_off', 'proposal.alone'],
    ]);
    expect(await writeOff(await issued(db, -5n))).toMatchObject({ refusal: { status: 404 } });
  });
});
