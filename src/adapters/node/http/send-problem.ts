/** A problem of our own as the answer to a request. */

import type { ServerResponse } from 'node:http';
import type { Problem } from '../../../admit/problem.ts';
import { discardRest, hasBody } from './request-body.ts';

/** Sends nothing where an answer has begun already. */
export function sendProblem(outgoing: ServerResponse, problem: Problem): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const isBodyLeft = hasBody(outgoing.req) && !outgoing.req.complete;
  if (isBodyLeft) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(problem.status, {
    ...problem.headers,
    'content-length': Buffer.byteLength(problem.body),
  });
  if (!isBodyLeft) {
    outgoing.end(problem.body);
    return;
  }
  // The whole answer goes now; the connection ends once the client has stopped sending.
  outgoing.write(problem.body);
  discardRest(outgoing.req, () => outgoing.end());
}
