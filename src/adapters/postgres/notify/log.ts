/** The log of events and messages, and sending again. */

import { and, asc, desc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { LoggedAttempt, MessageRecord, MessageStore } from '../../../admin/alerts-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { eventOf } from './outbox.ts';
import { attempts, events, messages, receivers } from './tables.ts';

export function messageStore(db: LedgerDb): MessageStore {
  return {
    async events({ type, clientId, subject }, page) {
      const rows = await db
        .select({
          event: events,
          messages: sql`(select count(*) from ${messages} m where m.event_id = events.id)`
            .mapWith(Number)
            .as('messages'),
        })
        .from(events)
        .where(
          and(
            type === undefined ? undefined : ofType(type),
            clientId === undefined ? undefined : eq(events.clientId, clientId),
            subject === undefined ? undefined : eq(events.subject, subject),
            page.after === null ? undefined : lt(events.sequence, Number(page.after)),
          ),
        )
        .orderBy(desc(events.sequence))
        .limit(rowsAsked(page));
      return pageOf(
        rows,
        page,
        (row) => ({ ...eventOf(row.event), sequence: row.event.sequence, messages: row.messages }),
        (row) => String(row.event.sequence),
      );
    },

    async messages({ receiverId, state, eventId }, page) {
      const rows = await messageRecords(
        db,
        and(
          receiverId === undefined ? undefined : eq(messages.receiverId, receiverId),
          state === undefined ? undefined : eq(messages.state, state),
          eventId === undefined ? undefined : eq(messages.eventId, eventId),
          page.after === null ? undefined : lt(messages.id, page.after),
        ),
        rowsAsked(page),
      );
      return pageOf(
        rows,
        page,
        (row) => row,
        (row) => row.id,
      );
    },

    async message(id) {
      const [found] = await messageRecords(db, eq(messages.id, id), 1);
      if (found === undefined) return null;
      const rows = await db
        .select()
        .from(attempts)
        .where(eq(attempts.messageId, id))
        .orderBy(asc(attempts.number));
      return { ...found, log: rows.map(attemptOf) };
    },

    resend: (id, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx
          .select({ message: messages, receiver: receivers })
          .from(messages)
          .innerJoin(receivers, eq(receivers.id, messages.receiverId))
          .where(eq(messages.id, id))
          .for('update', { of: messages });
        if (row === undefined) return null;
        if (!row.receiver.isOn) return 'receiver_off';
        await tx.update(messages).set(againAt(who.atMs)).where(eq(messages.id, id));
        await writeAudit(tx, who, { action: 'message.resent', subject: `messages/${id}` });
        const [again] = await messageRecords(tx, eq(messages.id, id), 1);
        return again!;
      }),

    resendFailed: (receiverId, sinceMs, who) =>
      db.transaction(async (tx) => {
        const again = await tx
          .update(messages)
          .set(againAt(who.atMs))
          .where(
            and(
              eq(messages.receiverId, receiverId),
              inArray(messages.state, ['failed', 'given_up', 'skipped']),
              gte(messages.createdAt, new Date(sinceMs)),
            ),
          )
          .returning({ id: messages.id });
        await writeAudit(tx, who, {
          action: 'receiver.resent',
          subject: `receivers/${receiverId}`,
          after: { since: new Date(sinceMs).toISOString(), messages: again.length },
        });
        return again.length;
      }),
  };
}

function againAt(atMs: number) {
  return { state: 'due' as const, dueAt: new Date(atMs), tries: 0 };
}

function ofType(pattern: string): SQL {
  if (!pattern.endsWith('*')) return eq(events.type, pattern);
  return sql`starts_with(${events.type}, ${pattern.slice(0, -1)})`;
}

/** Messages with their last attempts, newest first. */
export async function messageRecords(
  db: LedgerDb,
  where: SQL | undefined,
  limit: number,
): Promise<MessageRecord[]> {
  const rows = await db
    .select({ message: messages, event: events, receiver: receivers, last: attempts })
    .from(messages)
    .innerJoin(events, eq(events.id, messages.eventId))
    .innerJoin(receivers, eq(receivers.id, messages.receiverId))
    .leftJoin(attempts, and(eq(attempts.messageId, messages.id), eq(attempts.number, messages.attempts)))
    .where(where)
    .orderBy(desc(messages.id))
    .limit(limit);
  return rows.map(({ message, event, receiver, last }) => {
    const { id, name, kind, shownAddress } = receiver;
    return {
      id: message.id,
      event: eventOf(event),
      receiver: { id, name, kind, shownAddress },
      state: message.state,
      dueAtMs: message.dueAt?.getTime() ?? null,
      attempts: message.attempts,
      createdAtMs: message.createdAt.getTime(),
      last:
        last === null
          ? null
          : { atMs: last.at.getTime(), status: last.status, error: last.error, durationMs: last.durationMs },
    };
  });
}

function attemptOf({ messageId: _, at, ...rest }: typeof attempts.$inferSelect): LoggedAttempt {
  return { ...rest, atMs: at.getTime() };
}

const ATTEMPTS_KEPT = sql`interval '90 days'`;
const EVENTS_KEPT = sql`interval '400 days'`;

/** Deletes attempts and events that are no longer kept. */
export async function deleteOldEvents(db: LedgerDb): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`delete from attempts where at < now() - ${ATTEMPTS_KEPT}`);
    await tx.execute(sql`
      delete from messages using events
      where events.id = messages.event_id and events.at < now() - ${EVENTS_KEPT}
        and not exists (select from attempts where attempts.message_id = messages.id)`);
    await tx.execute(sql`
      delete from events where at < now() - ${EVENTS_KEPT}
        and not exists (select from messages where messages.event_id = events.id)`);
  });
}
