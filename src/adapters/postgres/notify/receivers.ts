/** Receivers as operators see and change them. */

import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type {
  NewReceiver,
  ReceiverRecord,
  ReceiverSettings,
  ReceiverStore,
} from '../../../admin/alerts-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { messageRecords } from './log.ts';
import { skipMessages } from './outbox.ts';
import { attempts, events, messages, receivers } from './tables.ts';
import { writeEvents } from './write-events.ts';

type Row = typeof receivers.$inferSelect;

export function receiverStore(db: LedgerDb): ReceiverStore {
  return {
    addReceiver: (receiver, who) =>
      db.transaction(async (tx) => {
        const at = new Date(who.atMs);
        await tx.insert(receivers).values({
          ...rowOf(receiver),
          ...{ id: receiver.id, kind: receiver.kind, turnAt: at, createdAt: at, createdBy: who.actor },
        });
        await writeAudit(tx, who, {
          action: 'receiver.created',
          subject: `receivers/${receiver.id}`,
          after: auditOf(receiver),
        });
        return (await receiverIn(tx, receiver.id))!;
      }),

    async receivers(page) {
      const rows = await withFigures(db)
        .where(
          and(isNull(receivers.removedAt), page.after === null ? undefined : gt(receivers.id, page.after)),
        )
        .orderBy(asc(receivers.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, ({ receiver }) => receiver.id);
    },

    receiver: (id) => receiverIn(db, id),

    changeReceiver: (id, action, change, who) =>
      db.transaction(async (tx) => {
        const [now] = await tx
          .select()
          .from(receivers)
          .where(and(eq(receivers.id, id), isNull(receivers.removedAt)))
          .for('update');
        if (now === undefined) return null;
        const next = await change(now);
        await tx
          .update(receivers)
          .set({ ...rowOf(next), offReason: next.isOn ? null : now.offReason })
          .where(eq(receivers.id, id));
        if (!next.isOn) await skipMessages(tx, id);
        await writeAudit(tx, who, {
          ...{ action, subject: `receivers/${id}` },
          ...{ before: auditOf(now), after: auditOf({ ...next, kind: now.kind }) },
        });
        return receiverIn(tx, id);
      }),

    removeReceiver: (id, who) =>
      db.transaction(async (tx) => {
        const found = await receiverIn(tx, id);
        if (found === null) return null;
        await tx
          .update(receivers)
          .set({ isOn: false, removedAt: new Date(who.atMs) })
          .where(eq(receivers.id, id));
        await skipMessages(tx, id);
        await writeAudit(tx, who, {
          action: 'receiver.removed',
          subject: `receivers/${id}`,
          before: auditOf(found),
        });
        return found;
      }),

    testReceiver: (id, who) =>
      db.transaction(async (tx) => {
        const found = await receiverIn(tx, id);
        if (found === null || !found.isOn) return null;
        const { name } = found;
        await writeEvents(tx, [
          {
            type: 'receiver.test',
            subject: `receivers/${id}`,
            clientId: null,
            atMs: who.atMs,
            data: { receiver: name, actor: who.actor },
          },
        ]);
        await writeAudit(tx, who, { action: 'receiver.tested', subject: `receivers/${id}` });
        const tests = await messageRecords(
          tx,
          and(eq(messages.receiverId, id), eq(events.type, 'receiver.test')),
          1,
        );
        return tests[0]!;
      }),
  };
}

function rowOf({ name, shownAddress, sealed, events, clientIds, isOn }: ReceiverSettings) {
  return {
    ...{ name, shownAddress, isOn },
    sealed: Buffer.from(sealed),
    events: [...events],
    clientIds: clientIds === null ? null : [...clientIds],
  };
}

/** Never the sealed secrets. */
function auditOf({ name, kind, shownAddress, events, clientIds, isOn }: Omit<NewReceiver, 'sealed' | 'id'>) {
  return { name, kind, address: shownAddress, events, clients: clientIds, isOn };
}

const FIGURES = {
  waiting:
    sql`(select count(*) from ${messages} m where m.receiver_id = receivers.id and m.due_at is not null)`
      .mapWith(Number)
      .as('waiting'),
  lastSent: sql<string | null>`(
    select extract(epoch from a.at) * 1000 from ${messages} m join ${attempts} a on a.message_id = m.id
    where m.receiver_id = receivers.id and m.state = 'sent' order by m.id desc, a.number desc limit 1)`.as(
    'last_sent',
  ),
  failingSince: sql<string | null>`(
    select extract(epoch from min(a.at)) * 1000 from ${messages} m join ${attempts} a on a.message_id = m.id
    where m.receiver_id = receivers.id and m.due_at is not null and m.state = 'failed')`.as('failing_since'),
};

function withFigures(db: LedgerDb) {
  return db
    .select({ receiver: receivers, ...FIGURES })
    .from(receivers)
    .$dynamic();
}

async function receiverIn(tx: LedgerDb, id: string): Promise<ReceiverRecord | null> {
  const [row] = await withFigures(tx).where(and(eq(receivers.id, id), isNull(receivers.removedAt)));
  return row === undefined ? null : recordOf(row);
}

interface FigureRow {
  readonly receiver: Row;
  readonly waiting: number;
  readonly lastSent: string | null;
  readonly failingSince: string | null;
}

function recordOf({ receiver, waiting, lastSent, failingSince }: FigureRow): ReceiverRecord {
  const { sealed: _, turnAt: __, removedAt: ___, createdAt, ...rest } = receiver;
  return {
    ...rest,
    createdAtMs: createdAt.getTime(),
    waiting,
    lastSentMs: millisecondsOf(lastSent),
    failingSinceMs: millisecondsOf(failingSince),
  };
}

function millisecondsOf(text: string | null): number | null {
  return text === null ? null : Math.round(Number(text));
}
