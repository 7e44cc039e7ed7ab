/** Counts a body from a stream: through decoders, or frame by frame if it comes from a WebSocket. */

import { nodeDecoders } from '../../adapters/node/coding/decoders.ts';
import { MessageReader } from '../../adapters/node/http/message-reader.ts';
import type { Decision } from '../../count/count-decision.ts';
import type { CountResult } from '../../count/counter.ts';
import { type CountLimits, createCounter, type ObserverOf } from '../../count/create-counter.ts';
import { messagesOf } from '../../count/route/match.ts';

export interface BodyToCount {
  readonly decision: Decision;
  readonly limits: CountLimits;
  readonly body: AsyncIterable<Uint8Array>;
  /** Headers of the response, as a flat list. */
  readonly header: readonly string[];
  readonly observerOf: ObserverOf;
}

/** Counts the body. It is read only if the decision requires it. */
export async function countBody({
  decision,
  limits,
  body,
  header,
  observerOf,
}: BodyToCount): Promise<CountResult> {
  const room = new Room();
  const counter = createCounter(decision, nodeDecoders, limits, room.onDrain, observerOf);
  if (decision.kind !== 'scan' && decision.kind !== 'choice')
    return new Promise((resolve) => counter.end(resolve));
  const kind = decision.kind === 'scan' && decision.isMessages ? messagesOf(decision.rule) : null;
  if (kind === null) {
    for await (const chunk of body) await room.after(() => counter.write(chunk));
    return new Promise((resolve) => counter.end(resolve));
  }
  const extensions = headerValue(header, 'sec-websocket-extensions');
  const onMessage = (message: Uint8Array) => void counter.write(message);
  const reader = new MessageReader({ extensions, kind, onMessage, onDrain: room.onDrain });
  for await (const chunk of body) await room.after(() => reader.write(Buffer.from(chunk)));
  await new Promise<void>((resolve) => reader.end(resolve));
  const result = await new Promise<CountResult>((resolve) => counter.end(resolve));
  return reader.fault === undefined ? result : { ...result, uncounted: reader.fault };
}

/** Applies the backpressure of a reader. */
class Room {
  #resolve: () => void = () => {};
  readonly onDrain = (): void => this.#resolve();

  async after(write: () => boolean): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    if (!write()) await drained;
  }
}

/** Returns a header of a flat list. */
function headerValue(header: readonly string[], name: string): string | undefined {
  const at = header.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? undefined : header[at + 1];
}
