/** A problem of our own as the answer to a request. */

import type { ServerResponse } from 'node:http';
import type { Problem } from '../../admit/problem.ts';
import { hasBody } from './request-body.ts';

/** Sends nothing where an answer has begun already. */
export function sendProblem(outgoing: ServerResponse, problem: Problem): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  // What is left of the request's body is not waited for, so the connection cannot serve another request.
  if (hasBody(outgoing.req) && !outgoing.req.complete) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(problem.status, problem.headers);
  outgoing.end(problem.body);
}
