/** Responds to a request with a problem of our own. */

import type { ServerResponse } from 'node:http';
import type { Problem } from '../../../admit/problem.ts';
import { discardRest, hasBody } from './request-body.ts';

/** Does nothing if a response has already begun. */
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
  // The response is sent now; the connection ends once the client has stopped sending.
  outgoing.write(problem.body);
  discardRest(outgoing.req, () => outgoing.end());
}
