/** Posts a message on Node. The connection goes to an address that was checked: see `pinnedLookup`. */

import { type ClientRequest, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { type AddressRules, urlFault } from '../../../notify/address-rules.ts';
import type { Post, PostAnswer } from '../../../notify/port.ts';
import { pinnedLookup, type ResolveName, resolveBySystem } from '../outbound/pinned-lookup.ts';

export interface PostOptions extends AddressRules {
  /** Default 15,000. */
  readonly timeoutMs?: number;
  /** Resolves names; default: the system's resolver. */
  readonly resolve?: ResolveName;
  /** PEM of further certificate authorities, for tests. */
  readonly ca?: string;
}

const TIMEOUT_MS = 15_000;
const MAX_READ_BYTES = 65_536;
const KEPT_BYTES = 2_048;

export function nodePost(options: PostOptions): Post {
  const { timeoutMs = TIMEOUT_MS, resolve = resolveBySystem, ca } = options;
  const pinned = pinnedLookup(resolve, options);
  return (url, headers, body) =>
    new Promise<PostAnswer>((fulfil, reject) => {
      const fault = urlFault(url, options);
      if (fault !== null) throw new Error(`the address ${fault.reason}: ${fault.hint}`);
      const open = url.startsWith('https:') ? requestTls : requestPlain;
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      const sent = open(url, {
        method: 'POST',
        agent: false,
        lookup: pinned,
        headers: { ...headers, ...length },
        ...(ca === undefined ? {} : { ca }),
      });
      const timer = setTimeout(
        () => sent.destroy(new Error(`no response within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      readAnswer(sent)
        .then(fulfil, reject)
        .finally(() => {
          clearTimeout(timer);
          sent.destroy();
        });
      sent.end(body);
    });
}

/**
 * Resolves once the beginning of the body is read. The rest of a longer body is not read. Once the status has arrived it
 * decides, even if the body breaks off or hangs.
 */
function readAnswer(sent: ClientRequest): Promise<PostAnswer> {
  return new Promise((fulfil, reject) => {
    let end = reject as (error: Error) => void;
    sent.on('error', (error) => end(error));
    sent.on('response', (response) => {
      const kept: Buffer[] = [];
      let read = 0;
      const finish = () =>
        fulfil({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] ?? null,
          head: Buffer.concat(kept).subarray(0, KEPT_BYTES).toString('utf8'),
        });
      end = finish;
      response.on('data', (chunk: Buffer) => {
        if (read < KEPT_BYTES) kept.push(chunk);
        read += chunk.length;
        if (read > MAX_READ_BYTES) finish();
      });
      for (const event of ['end', 'error', 'close']) response.on(event, finish);
    });
  });
}
