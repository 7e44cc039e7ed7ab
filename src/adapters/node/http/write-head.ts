/** Writes the head of the upstream's response to the client. */

import type { ServerResponse } from 'node:http';
import type { CountedResponse } from '../../../exchange/metered-exchange.ts';
import { UpstreamError } from '../../../forward/failure.ts';
import { withoutHeaders } from '../../../forward/header-names.ts';
import { validReasonPhrase } from '../../../forward/reason-phrase.ts';

/**
 * Writes the head without `Trailer` unless the response is chunked, because Node throws otherwise.
 * @throws UpstreamError if Node refuses the head. Nothing has been sent then, and another head can be written.
 */
export function writeHead(
  outgoing: ServerResponse,
  status: number,
  reason: string,
  { headers, contentLength, hasTrailer }: CountedResponse,
): void {
  const mayHaveTrailers = contentLength === undefined && isChunked(outgoing, status);
  const sent = hasTrailer && !mayHaveTrailers ? withoutHeaders(headers, ['trailer']) : headers;
  try {
    outgoing.writeHead(status, validReasonPhrase(reason), sent);
  } catch (error) {
    // Node keeps the reason phrase of a refused head.
    outgoing.statusMessage = '';
    throw new UpstreamError(
      'POSTMETER_BAD_ANSWER',
      'The head of the response cannot be written.',
      error as Error,
    );
  }
}

/** Whether Node sends a response without Content-Length in chunked coding. */
function isChunked({ req }: ServerResponse, status: number): boolean {
  return req.method !== 'HEAD' && req.httpVersionMinor === 1 && status !== 204 && status !== 304;
}
