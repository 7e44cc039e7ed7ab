/**
 * Counts posts in JSON messages of a WebSocket (RFC 6455): each chunk is one whole message. socket.io has a separate
 * format.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import { JsonFrames } from './json-frames.ts';

export function messagesCounter(plan: JsonPlan, found: PostCount): FormatCounter {
  const frames = new JsonFrames(plan, found, 'passes');
  return {
    failure: undefined,
    get flaw() {
      return frames.flaw;
    },
    write(message) {
      frames.write(message, 0, message.length);
      frames.endFrame();
    },
    end() {},
  };
}
