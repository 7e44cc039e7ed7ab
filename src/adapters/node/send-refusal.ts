/** A problem of our own as the answer to a request. */

import type { ServerResponse } from 'node:http';
import type { Refusal } from '../../admit/refusal.ts';

/** Sends nothing where an answer has begun already. */
export function sendRefusal(outgoing: ServerResponse, refusal: Refusal): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(refusal.status, refusal.headers);
  outgoing.end(refusal.body);
}
