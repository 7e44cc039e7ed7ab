/** The ports of the alerts in the admin API: receivers, levels, and the log of events and messages. */

import type { NotifyEvent } from '../notify/event.ts';
import type { MessageAttempt } from '../notify/port.ts';
import type { MessageState, ReceiverKind, Subscription } from '../notify/receiver.ts';
import type { Actor, Page, PageRequest } from './port.ts';

/** What an operator sets of a receiver. `sealed` has its address and secrets, encrypted. */
export interface ReceiverSettings extends Omit<Subscription, 'id'> {
  readonly name: string;
  /** What lists show of the address. */
  readonly shownAddress: string;
  readonly sealed: Uint8Array;
}

export interface NewReceiver extends ReceiverSettings {
  readonly id: string;
  readonly kind: ReceiverKind;
}

export interface ReceiverRecord extends Omit<NewReceiver, 'sealed'> {
  /** Why the sender switched it off; null if it did not. */
  readonly offReason: string | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Messages that wait for an attempt. */
  readonly waiting: number;
  readonly lastSentMs: number | null;
  /** First attempt of the oldest message that fails now; null if none does. */
  readonly failingSinceMs: number | null;
}

export interface ReceiverStore {
  addReceiver(receiver: NewReceiver, who: Actor): Promise<ReceiverRecord>;
  /** Oldest first, without removed ones. */
  receivers(page: PageRequest): Promise<Page<ReceiverRecord>>;
  /** Null if there is none, or it was removed. */
  receiver(id: string): Promise<ReceiverRecord | null>;
  /**
   * Locks the receiver, and stores what `change` makes of its settings. `action` is that of the audit log. A receiver that
   * is switched off skips its messages. Null if there is none.
   */
  changeReceiver(
    id: string,
    action: 'receiver.changed' | 'receiver.rotated',
    change: (now: NewReceiver) => Promise<ReceiverSettings>,
    who: Actor,
  ): Promise<ReceiverRecord | null>;
  /** Its messages stay in the log. Null if there is none. */
  removeReceiver(id: string, who: Actor): Promise<ReceiverRecord | null>;
  /** Adds the event `receiver.test`, and its message. Null if there is no receiver, or it is off. */
  testReceiver(id: string, who: Actor): Promise<MessageRecord | null>;
}

export interface LevelRecord {
  readonly clientId: string;
  readonly levels: readonly number[];
  readonly setAtMs: number;
  readonly setBy: string;
}

export interface LevelStore {
  /** The default that operators set; null if they did not. */
  defaultLevels(): Promise<LevelRecord | null>;
  /** Clients with levels of their own, by id. */
  ownLevels(page: PageRequest): Promise<Page<LevelRecord>>;
  /** The client's own levels, and those that it has reached; null if there is no such client. */
  levelsOf(clientId: string): Promise<{
    readonly own: LevelRecord | null;
    readonly reached: ReadonlyArray<{ readonly level: number; readonly sinceMs: number }>;
  } | null>;
  /** `clientId` null sets the default. `levels` null returns to the default. */
  setLevels(clientId: string | null, levels: readonly number[] | null, who: Actor): Promise<void>;
}

export interface EventRecord extends NotifyEvent {
  /** Counts up in the order in which events were written. */
  readonly sequence: number;
  /** Number of messages. */
  readonly messages: number;
}

export interface MessageRecord {
  readonly id: string;
  readonly event: NotifyEvent;
  readonly receiver: Pick<ReceiverRecord, 'id' | 'name' | 'kind' | 'shownAddress'>;
  readonly state: MessageState;
  readonly dueAtMs: number | null;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly last: Pick<MessageAttempt, 'atMs' | 'status' | 'error' | 'durationMs'> | null;
}

export type LoggedAttempt = Omit<MessageAttempt, 'isTaken' | 'retryAfter'> & { readonly number: number };

export interface EventFilter {
  /** A type, or a pattern such as `client.*`. */
  readonly type?: string | undefined;
  readonly clientId?: string | undefined;
  readonly subject?: string | undefined;
}

export interface MessageFilter {
  readonly receiverId?: string | undefined;
  readonly state?: MessageState | undefined;
  readonly eventId?: string | undefined;
}

export interface MessageStore {
  /** Newest first. */
  events(filter: EventFilter, page: PageRequest): Promise<Page<EventRecord>>;
  /** Newest first. */
  messages(filter: MessageFilter, page: PageRequest): Promise<Page<MessageRecord>>;
  message(id: string): Promise<(MessageRecord & { readonly log: readonly LoggedAttempt[] }) | null>;
  /** Begins the plan of attempts again, whatever became of the message. */
  resend(id: string, who: Actor): Promise<MessageRecord | 'receiver_off' | null>;
  /** The same for all messages of a receiver that were given up or skipped since a time. Returns their number. */
  resendFailed(receiverId: string, sinceMs: number, who: Actor): Promise<number>;
}

export type AlertStore = ReceiverStore & LevelStore & MessageStore;
