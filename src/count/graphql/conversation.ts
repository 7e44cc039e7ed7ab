/**
 * Tracks the operations that a client starts over one WebSocket, from messages read before the upstream gets them. It
 * supports the protocol graphql-transport-ws and the older graphql-ws (subscriptions-transport-ws). Results refer to
 * their operation by its id.
 */

import { type Budget, fullBudget } from './budget.ts';
import type { Sha256Hex } from './documents.ts';
import { readFields, readJson } from './parameters.ts';
import { asksNothing, type GraphqlPlan, planResult, type ResultPlan } from './plan.ts';
import { decodedText } from './request-text.ts';

/** The message types of a protocol by their meaning here. */
export interface SocketProtocol {
  /** Client message that starts an operation. */
  readonly ask: string;
  /** Client messages that start nothing. */
  readonly silent: ReadonlySet<string>;
  /** Server message with a result of an operation. */
  readonly result: string;
  /** Server messages without a result. */
  readonly others: ReadonlySet<string>;
}

const PROTOCOLS: ReadonlyMap<string, SocketProtocol> = new Map([
  [
    'graphql-transport-ws',
    {
      ask: 'subscribe',
      silent: new Set(['connection_init', 'ping', 'pong', 'complete']),
      result: 'next',
      others: new Set(['connection_ack', 'ping', 'pong', 'error', 'complete']),
    },
  ],
  [
    'graphql-ws',
    {
      ask: 'start',
      silent: new Set(['connection_init', 'stop', 'connection_terminate']),
      result: 'data',
      others: new Set(['connection_ack', 'connection_error', 'ka', 'error', 'complete']),
    },
  ],
]);

/** Whether we support every protocol that a client offers (the field's values, joined by commas). */
export function offersReadable(protocols: string): boolean {
  return protocols.split(',').every((name) => PROTOCOLS.has(name.trim()));
}

export interface ConversationReading {
  readonly sha256Hex: Sha256Hex;
  /** Maximum length of a client's message. */
  readonly maxBytes: number;
  /** Whether the connection must close at a message that is not understood; else it stays open, uncounted. */
  readonly refuses: boolean;
  readonly nowMs: () => number;
}

interface Operation {
  readonly plan: ResultPlan;
  /** Number of times it was started under this id, minus the number of times that the server ended it. */
  open: number;
}

/** Maximum number of ids of a connection that the server has not ended; it may leave operations unanswered. */
const MAX_OPERATIONS = 4_096;
/** The budget for new documents is refilled at this interval. */
const BUDGET_MS = 1_000;

const TOO_LONG = 'this gateway does not accept messages of this length';
const UNREADABLE = 'this gateway cannot read the message unambiguously';
const UNKNOWN = 'this gateway cannot analyse the document; send a shorter one, with an alias for each field';
const ID_TWICE = 'two operations of one connection have the same id';
const TOO_MANY = 'too many operations on one connection';
const NO_PROTOCOL = 'this gateway supports only the subprotocols graphql-transport-ws and graphql-ws';
const NOT_UNDERSTOOD = 'this gateway cannot read a message of the server';

export class Conversation {
  /** Why the connection must close; null while every message is understood. A close frame has room for 123 bytes. */
  refusal: string | null = null;
  /** Null if it is unknown; no message can be read then. */
  protocol: SocketProtocol | null = null;
  readonly refuses: boolean;
  /** Maximum length of a client's message. */
  readonly maxBytes: number;
  readonly #route: GraphqlPlan;
  readonly #reading: ConversationReading;
  readonly #operations = new Map<string, Operation>();
  #budget: Budget = fullBudget();
  #budgetMs = 0;

  constructor(route: GraphqlPlan, reading: ConversationReading) {
    this.#route = route;
    this.#reading = reading;
    this.refuses = reading.refuses;
    this.maxBytes = reading.maxBytes;
  }

  /** @param protocol value of Sec-WebSocket-Protocol in the upstream's 101 response. */
  begin(protocol = ''): void {
    this.protocol = PROTOCOLS.get(protocol.trim()) ?? null;
    if (this.protocol === null) this.refuse(NO_PROTOCOL);
  }

  /**
   * Takes a whole message of the client before the upstream gets it. The message must not be forwarded if `refusal`
   * is set afterwards.
   */
  hear(message: Uint8Array | string): void {
    const reason = this.#reasonAgainst(message);
    if (reason !== null) this.refuse(reason);
  }

  /** @param reason defaults to a message whose bytes cannot be read. */
  refuse(reason = UNREADABLE): void {
    if (this.refuses) this.refusal ??= reason;
  }

  /** Called for a server message that is not understood. */
  refuseAnswer(): void {
    this.refuse(NOT_UNDERSTOOD);
  }

  /** The location of the posts in the results of an operation; undefined if no operation has this id. */
  planOf(id: string): ResultPlan | undefined {
    return this.#operations.get(id)?.plan ?? (this.refuses ? undefined : 'unknown');
  }

  /** Called when the server has sent the last message of an operation. */
  ended(id: string): void {
    const operation = this.#operations.get(id);
    if (operation !== undefined && --operation.open === 0) this.#operations.delete(id);
  }

  #reasonAgainst(message: Uint8Array | string): string | null {
    if (message.length > this.maxBytes) return TOO_LONG;
    const fields = readMessage(message, readJson);
    if (fields === null || this.protocol === null) return UNREADABLE;
    const { type, id, payload } = fields;
    if (type !== this.protocol.ask) return this.protocol.silent.has(type) ? null : UNREADABLE;
    if (id === null) return UNREADABLE;
    const asked = readFields(payload);
    if (asked === null || asksNothing(asked)) return this.#add(id, 'unknown') ?? UNREADABLE;
    const planned = planResult(asked, this.#route, this.#reading.sha256Hex, this.#budgetNow(), true);
    return this.#add(id, planned.plan) ?? (planned.isUnknown ? UNKNOWN : null);
  }

  /** An id may be reused while results of its last operation are still in flight, if both have the same plan. */
  #add(id: string, plan: ResultPlan): string | null {
    const known = this.#operations.get(id);
    if (known?.plan === plan) known.open++;
    else if (known !== undefined) {
      this.#operations.set(id, { plan: 'unknown', open: known.open + 1 });
      return ID_TWICE;
    } else if (this.#operations.size >= MAX_OPERATIONS) return TOO_MANY;
    else this.#operations.set(id, { plan, open: 1 });
    return null;
  }

  /**
   * A single message must not cost as much as a request of its own, because a chunk can contain a hundred messages.
   */
  #budgetNow(): Budget {
    const nowMs = this.#reading.nowMs();
    if (nowMs - this.#budgetMs >= BUDGET_MS) {
      this.#budget = fullBudget();
      this.#budgetMs = nowMs;
    }
    return this.#budget;
  }
}

export interface SocketMessage {
  readonly type: string;
  /** Null if it has none. */
  readonly id: string | null;
  readonly payload: unknown;
}

const NAMES = ['type', 'id', 'payload'];

/**
 * Null if the message is not an object that every server reads alike; some servers accept a name in any letter case.
 * @param parse returns undefined for text that is not JSON.
 */
export function readMessage(
  message: Uint8Array | string,
  parse: (text: string) => unknown,
): SocketMessage | null {
  const text = typeof message === 'string' ? message : decodedText(message, 'utf-8');
  const fields = text === null ? undefined : parse(text);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null;
  const names = Object.keys(fields).filter((name) => NAMES.includes(name.toLowerCase()));
  if (!names.every((name) => NAMES.includes(name))) return null;
  const { type, id, payload } = fields as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return null;
  const isNamed = (typeof id === 'string' && id !== '') || typeof id === 'number';
  return { type, id: isNamed ? String(id) : null, payload };
}
