/** Receivers: which events are sent to whom, and over which channel. */

import { matchesType, type NotifyEvent } from './event.ts';

export const RECEIVER_KINDS = ['webhook', 'chat', 'mail'] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/**
 * `due`: no attempt yet. `failed`: the last attempt failed and another is planned. `given_up`: the plan of attempts is
 * used up. `skipped`: the receiver was switched off or removed first.
 */
export const MESSAGE_STATES = ['due', 'failed', 'sent', 'given_up', 'skipped'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

/** What decides whether a receiver gets an event. */
export interface Subscription {
  readonly id: string;
  readonly isOn: boolean;
  readonly events: readonly string[];
  /** Null: all clients. Otherwise events without a client are not wanted. */
  readonly clientIds: readonly string[] | null;
}

/**
 * Whether the receiver gets the event. A test goes only to the receiver that it tests, even if its patterns do not
 * include tests. A message that was given up is reported to the other receivers.
 */
export function wants(
  receiver: Subscription,
  event: Pick<NotifyEvent, 'type' | 'subject' | 'clientId' | 'data'>,
): boolean {
  if (!receiver.isOn) return false;
  const isItsOwn = event.subject === `receivers/${receiver.id}`;
  if (event.type === 'receiver.test') return isItsOwn;
  if (event.type === 'message.given_up' && isItsOwn) return false;
  if (receiver.clientIds !== null && !receiver.clientIds.includes(event.clientId ?? '')) return false;
  return receiver.events.some((pattern) => matchesType(pattern, event.type));
}
