/** Refuses a request whose `Accept` allows none of the media types that its operation produces (RFC 9110, 15.5.7). */

import type { MiddlewareHandler } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { HttpProblem } from './problem.ts';

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';
/** What some reads produce besides JSON. */
const FILE_TYPES = [CSV_TYPE, 'application/pdf', 'application/xml'];

/**
 * Every operation produces JSON, and some reads produce CSV or a document instead. If a request accepts only those, a
 * write is refused before it changes anything, and a read is refused once its response has another type.
 */
export const demandAcceptable: MiddlewareHandler = async (c, next) => {
  const accept = c.req.header('accept');
  if (accept === undefined || allows(accept, JSON_TYPE)) return next();
  if (!FILE_TYPES.some((type) => allows(accept, type)))
    throw notAcceptable(`${JSON_TYPE} or, for some lists, ${CSV_TYPE}`);
  if (c.req.method !== 'GET') throw notAcceptable(JSON_TYPE);
  await next();
  const [produced = ''] = (c.res.headers.get('content-type') ?? '').split(';');
  if (c.res.ok && !allows(accept, produced)) throw notAcceptable(produced);
};

function allows(accept: string, type: string): boolean {
  const fitting = new Set(['*', '*/*', type, `${type.split('/')[0]}/*`]);
  return parseAccept(accept).some(({ type: allowed, q }) => q > 0 && fitting.has(allowed.toLowerCase()));
}

function notAcceptable(produced: string): HttpProblem {
  return new HttpProblem(406, `Accept matches no media type of this operation: send Accept: ${produced}.`);
}
