/**
 * An exchange whose response is a document made from the platform's: the merged robots.txt. The platform's body is held,
 * up to a bound.
 */

import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { MeteredExchange } from '../../../../exchange/metered-exchange.ts';
import { MAX_ROBOTS_BYTES, type Replacement } from '../../../../terms/replacement.ts';
import { Exchange, type ExchangeContext } from '../exchange.ts';
import { sendOwnResponse } from '../send-problem.ts';
import type { RequestHandle, Upstream, UpstreamRequest } from '../upstream/response-handler.ts';

interface HeldDocument {
  readonly status: number;
  readonly headers: readonly string[];
  readonly chunks: Buffer[];
  bytes: number;
}

export class DocumentExchange extends Exchange {
  readonly #metered: MeteredExchange;
  readonly #outgoing: ServerResponse;
  readonly #replacement: Replacement;
  #held: HeldDocument | null = null;
  #request: RequestHandle | null = null;

  constructor(
    context: ExchangeContext,
    metered: MeteredExchange,
    replacement: Replacement,
    body: Readable | null,
    outgoing: ServerResponse,
  ) {
    super(context, metered, body, outgoing);
    this.#metered = metered;
    this.#outgoing = outgoing;
    this.#replacement = replacement;
  }

  protected override send(request: UpstreamRequest, upstream: Upstream): RequestHandle {
    this.#held = null;
    this.#request = super.send(request, upstream);
    return this.#request;
  }

  override onHeaders(status: number, reason: string, headers: readonly string[]): void {
    if (this.#replacement.appliesTo(status)) this.#held = { status, headers, chunks: [], bytes: 0 };
    else super.onHeaders(status, reason, headers);
  }

  override onData(chunk: Buffer): boolean {
    const held = this.#held;
    if (held === null) return super.onData(chunk);
    held.chunks.push(chunk);
    held.bytes += chunk.length;
    if (held.bytes > MAX_ROBOTS_BYTES) this.#finish(held);
    return true;
  }

  override onComplete(trailers: string[]): void {
    if (this.#held === null) super.onComplete(trailers);
    else this.#finish(this.#held);
  }

  #finish({ status, headers, chunks, bytes }: HeldDocument): void {
    if (!this.detach()) return;
    const isCut = bytes > MAX_ROBOTS_BYTES;
    if (isCut) this.#request?.abort(new Error('The document is longer than what is read of it.'));
    const body = Buffer.concat(chunks).subarray(0, MAX_ROBOTS_BYTES);
    const document = this.#metered.replace(this.#replacement, { status, headers, body, isCut });
    this.#metered.settle(null, document.body.length, true, (deliver) => {
      this.#metered.delivered();
      if (deliver) sendOwnResponse(this.#outgoing, document);
      else this.#outgoing.destroy();
    });
  }
}
