/** A response that is held until the declarations in its HTML head have been read: its head, chunks and end. */

import type { CountedResponse } from '../../../../exchange/metered-exchange.ts';

export interface PendingHead {
  readonly status: number;
  readonly reason: string;
  readonly response: CountedResponse;
}

/** Bytes after which the upstream must pause, because a decoder may lag behind. */
const MAX_WAITING_BYTES = 256 * 1024;

export class HeldResponse {
  readonly head: PendingHead;
  readonly chunks: Buffer[] = [];
  /** Set once the response is complete. */
  trailers: string[] | null = null;
  #bytes = 0;

  constructor(head: PendingHead) {
    this.head = head;
  }

  /** False if the upstream must pause. */
  get hasRoom(): boolean {
    return this.#bytes < MAX_WAITING_BYTES;
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#bytes += chunk.length;
    this.head.response.inspection?.write(chunk);
  }

  end(trailers: string[]): void {
    this.trailers = trailers;
    this.head.response.inspection?.end();
  }

  /** Stops the decoders of a response that is not sent. */
  discard(): void {
    this.head.response.inspection?.destroy();
    this.head.response.counter?.abort(() => {});
  }
}
