/** The parts of a response that must be equal in every deployment. */

import { createHash } from 'node:crypto';
import type { Reply } from '../support/http/ask.ts';
import type { AdminReply } from './deployments.ts';

/** Headers that belong to one connection (RFC 9110, section 7.6.1) or depend on the time. */
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
 * Removes hop-by-hop headers, and the part of RateLimit that depends on the time (`t`). Also removes `r` for the first
 * request of a client, whose total need not be known.
 */
function lastingHeaders(headers: Reply['headers']): Record<string, unknown> {
  const kept = Object.entries(headers).filter(
    ([name]) => !HOP.includes(name) && !name.startsWith('ratelimit'),
  );
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A response of the admin API without ids, keys and times. The whole text is compared, so Content-Length is left out: Node
 * sends it for a stream that ends at once, and workerd never does.
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
