/** A problem of our own as the answer to a request. */

import type { ServerResponse } from 'node:http';
import type { Problem } from '../../admit/problem.ts';

/** Sends nothing where an answer has begun already. */
export function sendProblem(outgoing: ServerResponse, problem: Problem): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(problem.status, problem.headers);
  outgoing.end(problem.body);
}
