/**
 * Counts posts in JSON messages of a WebSocket (RFC 6455): each chunk is one whole message. socket.io has a separate
 * format.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { JsonFrames } from './json-frames.ts';

export class MessagesCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #messages: JsonFrames;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#messages = new JsonFrames(plan, found, 'passes');
  }

  get flaw(): UncountedReason | undefined {
    return this.#messages.flaw;
  }

  write(message: Uint8Array): void {
    this.#messages.write(message, 0, message.length);
    this.#messages.endFrame();
  }

  end(): void {}
}
