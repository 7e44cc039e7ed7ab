/** The events of billing holds. */

import type { NewEvent } from './event.ts';

export interface ToldHold {
  /** Null: all clients. */
  readonly clientId: string | null;
  readonly code: string;
  /** Of the hold, or of its release. */
  readonly reason: string;
  readonly actor: string;
  readonly atMs: number;
}

export function holdEvent(
  type: 'hold.placed' | 'hold.released',
  { clientId, code, reason, actor, atMs }: ToldHold,
): NewEvent {
  const subject = clientId === null ? 'clients' : `clients/${clientId}`;
  return { type, subject, clientId, atMs, data: { client: clientId, code, reason, actor } };
}
