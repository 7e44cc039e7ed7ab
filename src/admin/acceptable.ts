/** Refuses a request whose `Accept` allows none of the media types that its operation produces (RFC 9110, 15.5.7). */

import type { MiddlewareHandler } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { HttpProblem } from './problem.ts';

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';

/**
 * Every operation produces JSON, and some lists also produce CSV. If a request accepts only CSV, a write is refused
 * before it changes anything, and a read is refused once its response turns out to be JSON.
 */
export const demandAcceptable: MiddlewareHandler = async (c, next) => {
  const accept = c.req.header('accept');
  if (accept === undefined || allows(accept, JSON_TYPE)) return next();
  if (!allows(accept, CSV_TYPE)) throw notAcceptable(`${JSON_TYPE} or, for some lists, ${CSV_TYPE}`);
  if (c.req.method !== 'GET') throw notAcceptable(JSON_TYPE);
  await next();
  const produced = c.res.headers.get('content-type') ?? '';
  if (c.res.ok && !produced.startsWith(CSV_TYPE)) throw notAcceptable(JSON_TYPE);
};

function allows(accept: string, type: string): boolean {
  const fitting = new Set(['*', '*/*', type, `${type.split('/')[0]}/*`]);
  return parseAccept(accept).some(({ type: allowed, q }) => q > 0 && fitting.has(allowed.toLowerCase()));
}

function notAcceptable(produced: string): HttpProblem {
  return new HttpProblem(406, `Accept matches no media type of this operation: send Accept: ${produced}.`);
}
