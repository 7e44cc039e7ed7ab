/** Receivers: which events are sent to whom, and over which channel. */

import { type EventData, matchesType, type NotifyEvent } from './event.ts';

/** `client`: the mailbox of one client, which gets its own events alone. */
export const RECEIVER_KINDS = ['webhook', 'chat', 'mail', 'client'] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

/** True for kinds that a mail server delivers. */
export function isMailKind(kind: ReceiverKind): boolean {
  return kind === 'mail' || kind === 'client';
}

/** What a client may know of itself. Groups other than `client.*` are not allowed, because they may grow. */
export const CLIENT_EVENTS: readonly string[] = [
  ...['client.*', 'breach.opened', 'breach.settled', 'breach.closed', 'invoice.issued'],
];

/** True if a receiver of the kind `client` may have this pattern. */
export function mayTellClient(pattern: string): boolean {
  return pattern.startsWith('client.') || CLIENT_EVENTS.includes(pattern);
}

/** Fields of events that name people of the platform or their reasons. */
const INTERNAL = new Set(['actor', 'reason']);

/** The data of an event as its client may see it. */
export function dataForClient(data: EventData): EventData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !INTERNAL.has(name)));
}

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
