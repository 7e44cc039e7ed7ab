/** Writes the head of the upstream's answer to the client. */

import type { ServerResponse } from 'node:http';
import { withoutHeaders } from '../../forward/header-names.ts';
import { fitReason } from '../../forward/reason.ts';
import type { Answer } from '../../gateway.ts';

/** Node writes `Trailer` with a chunked response alone, and throws if it is to write it with another. */
export function writeHead(
  outgoing: ServerResponse,
  status: number,
  reason: string,
  { headers, contentLength, hasTrailer }: Answer,
): void {
  const mayHaveTrailers = contentLength === undefined && isChunked(outgoing, status);
  const sent = hasTrailer && !mayHaveTrailers ? withoutHeaders(headers, ['trailer']) : headers;
  outgoing.writeHead(status, fitReason(reason), sent);
}

/** Whether Node sends a response without Content-Length in chunks. */
function isChunked({ req }: ServerResponse, status: number): boolean {
  return req.method !== 'HEAD' && req.httpVersionMinor === 1 && status !== 204 && status !== 304;
}
