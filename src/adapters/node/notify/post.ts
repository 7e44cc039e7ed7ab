/**
 * Posts a message on Node. The name is resolved here, every address that it resolves to is checked, and the connection
 * goes to one of them: no second resolution can lead elsewhere (DNS rebinding).
 */

import { type LookupAddress, lookup } from 'node:dns';
import { type ClientRequest, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AddressRules, addressFault, urlFault } from '../../../notify/address-rules.ts';
import type { Post, PostAnswer } from '../../../notify/port.ts';

export interface PostOptions extends AddressRules {
  /** Default 15,000. */
  readonly timeoutMs?: number;
  /** Resolves names; default: the system's resolver. */
  readonly resolve?: (name: string) => Promise<readonly LookupAddress[]>;
  /** PEM of further certificate authorities, for tests. */
  readonly ca?: string;
}

const TIMEOUT_MS = 15_000;
const MAX_READ_BYTES = 65_536;
const KEPT_BYTES = 2_048;

export function nodePost(options: PostOptions): Post {
  const { timeoutMs = TIMEOUT_MS, resolve = resolveAll, ca } = options;
  const pinned: LookupFunction = (name, { all }, done) => {
    resolve(name)
      .then((found) => allowedOf(name, found, options))
      .then(
        // Node's `all` wants a list, a single connection one address. Both have been checked.
        (found) => (all ? done(null, [...found]) : done(null, found[0]!.address, found[0]!.family)),
        (error: NodeJS.ErrnoException) => done(error, ''),
      );
  };
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

function resolveAll(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((fulfil, reject) => {
    lookup(name, { all: true }, (error, found) => (error === null ? fulfil(found) : reject(error)));
  });
}

/** A name that also leads to a refused address is refused as a whole. */
function allowedOf(
  name: string,
  found: readonly LookupAddress[],
  rules: AddressRules,
): readonly LookupAddress[] {
  if (found.length === 0) throw new Error(`${name} has no address`);
  for (const { address } of found) {
    const fault = addressFault(address, rules);
    if (fault !== null) throw new Error(`${name} ${fault.reason}: ${fault.hint}`);
  }
  return found;
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
