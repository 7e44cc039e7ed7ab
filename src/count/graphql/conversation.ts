/**
 * What a client asks over one WebSocket, read before the upstream gets it: by the protocol graphql-transport-ws, or by
 * the older graphql-ws (subscriptions-transport-ws). The results name the operation that they belong to by its id.
 */

import { type Budget, fullBudget } from './budget.ts';
import type { Sha256Hex } from './documents.ts';
import { readFields, readJson } from './parameters.ts';
import type { GraphqlPlan } from './plan.ts';
import { asksNothing, planResult, type ResultPlan } from './result-plan.ts';

/** The types of messages, by what they mean here. */
export interface SocketProtocol {
  /** Of the client: an operation. */
  readonly ask: string;
  /** Of the client: nothing is asked. */
  readonly silent: ReadonlySet<string>;
  /** Of the server: a result of an operation. */
  readonly result: string;
  /** Of the server: no result. */
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

/** Whether every protocol that a client offers (the field's values, joined by commas) is one that is read. */
export function offersReadable(protocols: string): boolean {
  return protocols.split(',').every((name) => PROTOCOLS.has(name.trim()));
}

export interface ConversationReading {
  readonly sha256Hex: Sha256Hex;
  /** Of a client's message. */
  readonly maxBytes: number;
  /** Whether the connection must close over what is not understood; else it stays open, uncounted. */
  readonly refuses: boolean;
  readonly nowMs: () => number;
}

interface Operation {
  readonly plan: ResultPlan;
  /** How often it was asked under this id, less how often the server ended it. */
  open: number;
}

/** Ids of one connection that the server has not ended: a client may leave an operation without an answer. */
const MAX_OPERATIONS = 4_096;
/** So often the budget for new documents is full again. */
const BUDGET_MS = 1_000;

const TOO_LONG = 'this gateway does not read messages of this length';
const UNREADABLE = 'this gateway cannot read the message in one way only';
const UNKNOWN =
  'this gateway cannot tell what the document asks for; send a shorter one, with an alias for each field';
const ID_TWICE = 'this gateway cannot tell two operations of one id apart';
const TOO_MANY = 'too many operations on one connection';
const NO_PROTOCOL = 'this gateway reads the subprotocols graphql-transport-ws and graphql-ws only';
const NOT_UNDERSTOOD = 'this gateway does not understand a message of the server';

export class Conversation {
  /** Why the connection must close; null as long as all is understood. A closing frame has room for 123 bytes. */
  refusal: string | null = null;
  /** Null if it is not known: then nothing can be read. */
  protocol: SocketProtocol | null = null;
  readonly refuses: boolean;
  /** Of a client's message. */
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

  /** @param protocol what the upstream answered in Sec-WebSocket-Protocol when it switched. */
  begin(protocol = ''): void {
    this.protocol = PROTOCOLS.get(protocol.trim()) ?? null;
    if (this.protocol === null) this.refuse(NO_PROTOCOL);
  }

  /** Takes a whole message of the client, before the upstream gets it: it must not if `refusal` is set then. */
  hear(message: Uint8Array | string): void {
    const reason = this.#reasonAgainst(message);
    if (reason !== null) this.refuse(reason);
  }

  /** @param reason left out: the client's bytes are not a message that can be read. */
  refuse(reason = UNREADABLE): void {
    if (this.refuses) this.refusal ??= reason;
  }

  /** A message of the server was not understood. */
  refuseAnswer(): void {
    this.refuse(NOT_UNDERSTOOD);
  }

  /** Where the posts are in the results of an operation; undefined if no operation has this id. */
  planOf(id: string): ResultPlan | undefined {
    return this.#operations.get(id)?.plan ?? (this.refuses ? undefined : 'unknown');
  }

  /** The server has sent the last of an operation. */
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

  /** An id may be used again while results of its last operation are still under way, if both are read alike. */
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

  /** One message more must not cost what a request of its own may: a chunk can hold a hundred. */
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
 * Null for what is not one object that every server reads alike: some take a name in any letter case.
 * @param parse undefined for what is not JSON.
 */
export function readMessage(
  message: Uint8Array | string,
  parse: (text: string) => unknown,
): SocketMessage | null {
  const text = typeof message === 'string' ? message : textOf(message);
  const fields = text === null ? undefined : parse(text);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null;
  const names = Object.keys(fields).filter((name) => NAMES.includes(name.toLowerCase()));
  if (!names.every((name) => NAMES.includes(name))) return null;
  const { type, id, payload } = fields as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return null;
  const isNamed = (typeof id === 'string' && id !== '') || typeof id === 'number';
  return { type, id: isNamed ? String(id) : null, payload };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
