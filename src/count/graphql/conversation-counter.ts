/** Counts the posts in the messages that a GraphQL server sends over a WebSocket: each chunk is one whole message. */

import type { FormatCounter } from '../format-counter.ts';
import { parsedJson } from '../json/parsed-json.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { type Conversation, readMessage } from './conversation.ts';
import { resultCounter } from './result-counter.ts';

/** Types of messages that end an operation, in both protocols. */
const LAST: ReadonlySet<string> = new Set(['complete', 'error']);

export function conversationCounter(conversation: Conversation, found: PostCount): FormatCounter {
  let flaw: UncountedReason | undefined;
  const notUnderstood = (reason: UncountedReason) => {
    flaw ??= reason;
    conversation.refuseAnswer();
  };
  const readResult = (id: string | null, message: Uint8Array) => {
    const plan = id === null ? undefined : conversation.planOf(id);
    if (plan === undefined) return notUnderstood('document');
    const counter = resultCounter(plan, found);
    counter.write(message);
    counter.end();
    const fault = counter.failure ?? counter.flaw;
    if (fault === undefined) found.settle();
    else found.revert();
    flaw ??= fault;
  };
  return {
    failure: undefined,
    get flaw() {
      return flaw;
    },
    write(message) {
      const { protocol } = conversation;
      const read = readMessage(message, parsedJson);
      if (read === null || protocol === null) notUnderstood('frame');
      else if (read.type === protocol.result) readResult(read.id, message);
      else if (!protocol.others.has(read.type)) notUnderstood('frame');
      else if (read.id !== null && LAST.has(read.type)) conversation.ended(read.id);
    },
    end() {},
  };
}
