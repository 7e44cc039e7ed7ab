/**
 * Counts posts in Engine.IO and socket.io traffic: each WebSocket message is a packet, each polling body a payload.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { Packets } from './packet.ts';
import { Payload } from './payload.ts';

export class SocketioCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #packets: Packets;
  /** Null if each chunk is one packet. */
  readonly #payload: Payload | null;

  /** @param isMessages whether each chunk is one whole WebSocket message. */
  constructor(plan: JsonPlan, found: PostCount, isMessages: boolean) {
    this.#packets = new Packets(plan, found);
    this.#payload = isMessages ? null : new Payload(this.#packets);
  }

  get flaw(): UncountedReason | undefined {
    return this.#packets.flaw ?? this.#payload?.flaw;
  }

  write(chunk: Uint8Array): void {
    if (this.#payload !== null) this.#payload.write(chunk);
    else {
      this.#packets.write(chunk, 0, chunk.length);
      this.#packets.end();
    }
  }

  end(): void {
    this.#payload?.end();
  }
}
