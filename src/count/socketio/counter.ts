/**
 * Counts posts in Engine.IO and socket.io traffic: each WebSocket message is a packet, each polling body a payload.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import type { PostCount } from '../post-count.ts';
import { Packets } from './packet.ts';
import { Payload } from './payload.ts';

/** @param isMessages whether each chunk is one whole WebSocket message, which is one packet. */
export function socketioCounter(plan: JsonPlan, found: PostCount, isMessages: boolean): FormatCounter {
  const packets = new Packets(plan, found);
  const payload = isMessages ? null : new Payload(packets);
  return {
    failure: undefined,
    get flaw() {
      return packets.flaw ?? payload?.flaw;
    },
    write(chunk) {
      if (payload !== null) return payload.write(chunk);
      packets.write(chunk, 0, chunk.length);
      packets.end();
    },
    end: () => payload?.end(),
  };
}
