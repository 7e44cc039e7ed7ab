/** What of an answer must be the same in every deployment, in a form that can be compared. */

import { createHash } from 'node:crypto';
import type { Reply } from '../support/http/ask.ts';
import type { AdminReply } from './deployments.ts';

/** They belong to one connection, or to the moment; RFC 9110, 7.6.1. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'date'];

export interface Transcript {
  readonly status: number;
  readonly whole: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: number;
  readonly sha256: string;
}

export function transcriptOf({ status, whole, headers, body }: Reply): Transcript {
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { status, whole, headers: lastingHeaders(headers), bytes: body.length, sha256 };
}

/**
 * Without those of the hop, and with what depends on the moment taken out: `t` of RateLimit. `r` is left out where
 * the totals need not be known yet: with the first request of a client.
 */
function lastingHeaders(headers: Reply['headers']): Record<string, unknown> {
  const kept = Object.entries(headers).filter(
    ([name]) => !HOP.includes(name) && !name.startsWith('ratelimit'),
  );
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * An answer of the admin API without ids, keys and moments, which are new every time. The text is compared whole, so its
 * length is left out: Node's server tells that of a stream that ends at once, workerd never does.
 */
export function adminTranscript({ status, headers, text }: AdminReply) {
  const { 'content-length': _length, ...lasting } = lastingHeaders(headers);
  return { status, headers: lasting, text: timeless(text) };
}

function timeless(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'MOMENT')
    .replaceAll(/pm[kt]_[\w-]{43}/g, 'KEY')
    .replaceAll(/"keyHint":"[^"]*"/g, '"keyHint":"HINT"')
    .replaceAll(/"keyDigest":"[^"]*"/g, '"keyDigest":"DIGEST"');
}
