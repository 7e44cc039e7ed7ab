/** Responds to a request with a problem or a document of our own. */

import type { ServerResponse } from 'node:http';
import type { Problem } from '../../../admit/problem.ts';
import type { SiteDocument } from '../../../terms/site-document.ts';
import { discardRest, hasBody } from './request-body.ts';

/** Does nothing if a response has already begun. */
export function sendProblem(outgoing: ServerResponse, problem: Problem): void {
  const length = { 'content-length': String(Buffer.byteLength(problem.body)) };
  sendOwnResponse(outgoing, { ...problem, headers: { ...problem.headers, ...length } });
}

/** Does nothing if a response has already begun. */
export function sendOwnResponse(outgoing: ServerResponse, response: Problem | SiteDocument): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const isBodyLeft = hasBody(outgoing.req) && !outgoing.req.complete;
  if (isBodyLeft) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(response.status, response.headers);
  if (!isBodyLeft) {
    outgoing.end(response.body);
    return;
  }
  // The response is sent now; the connection ends once the client has stopped sending.
  outgoing.write(response.body);
  discardRest(outgoing.req, () => outgoing.end());
}
