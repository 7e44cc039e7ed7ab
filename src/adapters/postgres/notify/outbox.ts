/** The outbox: which messages are due, and what became of each attempt. */

import { and, asc, eq, exists, inArray, isNotNull, isNull, lte, sql } from 'drizzle-orm';
import type { NotifyEvent } from '../../../notify/event.ts';
import type { AfterAttempt } from '../../../notify/plan.ts';
import type { MadeAttempt, Outbox, Recipient } from '../../../notify/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { attempts, events, messages, receivers } from './tables.ts';
import { writeEvents } from './write-events.ts';

const IS_ACTIVE = and(eq(receivers.isOn, true), isNull(receivers.removedAt));

export function postgresOutbox(db: LedgerDb): Outbox {
  return {
    async claim(kinds, nowMs, leaseMs, limit) {
      const now = new Date(nowMs);
      const isDue = db
        .select({ id: messages.id })
        .from(messages)
        .where(and(eq(messages.receiverId, receivers.id), lte(messages.dueAt, now)));
      const waiting = db
        .select({ id: receivers.id })
        .from(receivers)
        .where(and(IS_ACTIVE, inArray(receivers.kind, [...kinds]), lte(receivers.turnAt, now), exists(isDue)))
        .orderBy(asc(receivers.turnAt))
        .limit(limit)
        .for('update', { skipLocked: true });
      return db
        .update(receivers)
        .set({ turnAt: new Date(nowMs + leaseMs) })
        .where(inArray(receivers.id, waiting))
        .returning();
    },

    async due(receiverId, nowMs, limit) {
      const rows = await db
        .select({ message: messages, event: events })
        .from(messages)
        .innerJoin(events, eq(events.id, messages.eventId))
        .where(and(eq(messages.receiverId, receiverId), lte(messages.dueAt, new Date(nowMs))))
        .orderBy(asc(messages.dueAt), asc(messages.id))
        .limit(limit);
      return rows.map(({ message: { id, attempts, tries }, event }) => ({
        ...{ id, attempts, tries },
        event: eventOf(event),
      }));
    },

    record: (recipient, made, leaseUntilMs) =>
      db.transaction(async (tx) => {
        await recordIn(tx, recipient, made);
        await tx
          .update(receivers)
          .set({ turnAt: new Date(leaseUntilMs) })
          .where(eq(receivers.id, recipient.id));
      }),

    async release(receiverId, turnAtMs) {
      await db
        .update(receivers)
        .set({ turnAt: new Date(turnAtMs) })
        .where(eq(receivers.id, receiverId));
    },

    recipients: () => db.select().from(receivers).where(IS_ACTIVE),

    async nextDueMs(kinds) {
      const [row] = await db
        .select({
          dueMs: sql<
            string | null
          >`extract(epoch from min(greatest(${messages.dueAt}, ${receivers.turnAt}))) * 1000`,
        })
        .from(messages)
        .innerJoin(receivers, eq(receivers.id, messages.receiverId))
        .where(and(isNotNull(messages.dueAt), IS_ACTIVE, inArray(receivers.kind, [...kinds])));
      return row?.dueMs == null ? null : Math.ceil(Number(row.dueMs));
    },

    addSent: (event, sent) =>
      db.transaction(async (tx) => {
        const { atMs, ...rest } = event;
        await tx.insert(events).values({ ...rest, at: new Date(atMs) });
        for (const { recipient, made } of sent) {
          await tx.insert(messages).values({
            id: made.message.id,
            eventId: event.id,
            receiverId: recipient.id,
            state: 'due',
            dueAt: new Date(atMs),
            createdAt: new Date(atMs),
          });
          await recordIn(tx, recipient, [made]);
        }
      }),
  };
}

export function eventOf({ at, sequence: _, ...event }: typeof events.$inferSelect): NotifyEvent {
  return { ...event, atMs: at.getTime() };
}

async function recordIn(tx: LedgerDb, recipient: Recipient, made: readonly MadeAttempt[]): Promise<void> {
  for (const one of made) await addAttempt(tx, one);
  const ended = made.filter(({ next }) => next.kind === 'given_up' || next.kind === 'gone');
  const gone = made.find(({ next }) => next.kind === 'gone');
  if (gone !== undefined) {
    await tx
      .update(receivers)
      .set({ isOn: false, offReason: 'it responded with status 410, which asks for no more messages' })
      .where(eq(receivers.id, recipient.id));
    await skipMessages(tx, recipient.id);
  }
  await writeEvents(
    tx,
    ended
      .filter(({ message }) => message.event.type !== 'message.given_up')
      .map((one) => givenUp(recipient, one)),
  );
}

/** Messages that wait are not sent, because their receiver is off. */
export async function skipMessages(tx: LedgerDb, receiverId: string): Promise<void> {
  await tx
    .update(messages)
    .set({ state: 'skipped', dueAt: null })
    .where(and(eq(messages.receiverId, receiverId), isNotNull(messages.dueAt)));
}

async function addAttempt(tx: LedgerDb, { message, attempt, next }: MadeAttempt): Promise<void> {
  const [counted] = await tx
    .update(messages)
    .set({ attempts: sql`${messages.attempts} + 1`, tries: sql`${messages.tries} + 1` })
    .where(eq(messages.id, message.id))
    .returning({ number: messages.attempts });
  // If a lease ran out, another process may have sent the message meanwhile: a failure does not undo that.
  const stillDue = next.kind === 'sent' ? undefined : isNotNull(messages.dueAt);
  await tx
    .update(messages)
    .set(stateAfter(next))
    .where(and(eq(messages.id, message.id), stillDue));
  const { atMs, durationMs, status, error, requestHeaders, requestBody, responseHead } = attempt;
  await tx.insert(attempts).values({
    messageId: message.id,
    number: counted!.number,
    at: new Date(atMs),
    ...{ durationMs, status, error: storable(error), requestHeaders, requestBody },
    responseHead: storable(responseHead),
  });
}

function stateAfter(next: AfterAttempt) {
  if (next.kind === 'again') return { state: 'failed' as const, dueAt: new Date(next.dueAtMs) };
  return { state: next.kind === 'sent' ? ('sent' as const) : ('given_up' as const), dueAt: null };
}

function givenUp({ id, name }: Recipient, { message, attempt, next }: MadeAttempt) {
  const { type } = message.event;
  return {
    type: 'message.given_up',
    subject: `receivers/${id}`,
    clientId: message.event.clientId,
    atMs: attempt.atMs,
    data: {
      receiver: name,
      message: message.id,
      event: type,
      status: attempt.status,
      error: attempt.error,
      switchedOff: next.kind === 'gone',
    },
  };
}

/** PostgreSQL stores no NUL in text. */
function storable<T extends string | null>(text: T): T {
  return (text === null ? null : text.replaceAll('\0', '\u{fffd}')) as T;
}
