/** Writes events with their messages, in the transaction of what they report. */

import { and, eq, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { NewEvent } from '../../../notify/event.ts';
import { wants } from '../../../notify/receiver.ts';
import type { LedgerDb } from '../connection/db.ts';
import { events, messages, receivers } from './tables.ts';

/**
 * Adds the events, and a message for each receiver that wants one. An event that may exist once, and does, is omitted.
 * `tx` must be the transaction of what the events report.
 */
export async function writeEvents(tx: LedgerDb, added: readonly NewEvent[]): Promise<void> {
  if (added.length === 0) return;
  const written = await tx
    .insert(events)
    .values(added.map(({ atMs, ...event }) => ({ ...event, id: uuidv7(), at: new Date(atMs) })))
    .onConflictDoNothing()
    .returning();
  const { id, isOn, events: patterns, clientIds } = receivers;
  const known = await tx
    .select({ id, isOn, events: patterns, clientIds })
    .from(receivers)
    .where(and(eq(receivers.isOn, true), isNull(receivers.removedAt)));
  const wanted = written.flatMap((event) =>
    known
      .filter((receiver) => wants(receiver, event))
      .map((receiver) => ({
        id: uuidv7(),
        eventId: event.id,
        receiverId: receiver.id,
        state: 'due' as const,
        dueAt: event.at,
        createdAt: event.at,
      })),
  );
  if (wanted.length > 0) await tx.insert(messages).values(wanted);
}
