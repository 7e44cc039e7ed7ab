/** Counts the posts in the messages that a GraphQL server sends over a WebSocket: each chunk is one whole message. */

import type { FormatCounter } from '../format-counter.ts';
import { parsedJson } from '../json/parsed-json.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { type Conversation, readMessage } from './conversation.ts';
import { resultCounter } from './result-counter.ts';

/** Types of messages that end an operation, in both protocols. */
const LAST: ReadonlySet<string> = new Set(['complete', 'error']);

export class ConversationCounter implements FormatCounter {
  readonly failure = undefined;
  flaw: UncountedReason | undefined = undefined;
  readonly #conversation: Conversation;
  readonly #found: PostCount;

  constructor(conversation: Conversation, found: PostCount) {
    this.#conversation = conversation;
    this.#found = found;
  }

  write(message: Uint8Array): void {
    const { protocol } = this.#conversation;
    const read = readMessage(message, parsedJson);
    if (read === null || protocol === null) this.#notUnderstood('frame');
    else if (read.type === protocol.result) this.#result(read.id, message);
    else if (!protocol.others.has(read.type)) this.#notUnderstood('frame');
    else if (read.id !== null && LAST.has(read.type)) this.#conversation.ended(read.id);
  }

  end(): void {}

  #result(id: string | null, message: Uint8Array): void {
    const plan = id === null ? undefined : this.#conversation.planOf(id);
    if (plan === undefined) {
      this.#notUnderstood('document');
      return;
    }
    const counter = resultCounter(plan, this.#found);
    counter.write(message);
    counter.end();
    const fault = counter.failure ?? counter.flaw;
    if (fault === undefined) this.#found.settle();
    else {
      this.flaw ??= fault;
      this.#found.revert();
    }
  }

  #notUnderstood(reason: UncountedReason): void {
    this.flaw ??= reason;
    this.#conversation.refuseAnswer();
  }
}
