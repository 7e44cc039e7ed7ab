/** Fetches public documents on Node: see `FetchPublic`. */

import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import {
  demandStatus,
  type FetchPublic,
  type PublicDocument,
  PublicFetchError,
  readBounded,
} from '../../../identify/public-fetch.ts';
import { type AddressRules, urlFault } from '../../../notify/address-rules.ts';
import { ADDRESS_REFUSED, pinnedLookup, type ResolveName, resolveByDns } from './pinned-lookup.ts';

export interface PublicFetchOptions extends AddressRules {
  /** Default: DNS with the servers of the system. */
  readonly resolve?: ResolveName;
  /** The port that URLs must have; default 443. Tests set it. */
  readonly port?: number;
  /** PEM of the certificate authority to trust, for tests. */
  readonly ca?: string;
}

const HTTPS_PORT = 443;

/** Each fetch has a connection of its own, which ends with it. */
export function nodeFetchPublic(options: PublicFetchOptions = { allowPrivate: false }): FetchPublic {
  const { resolve = resolveByDns(), port = HTTPS_PORT, ca } = options;
  const lookup = pinnedLookup(resolve, options);
  return (url, { timeoutMs, maxBytes }, etag = null) =>
    new Promise<PublicDocument>((fulfil, reject) => {
      demandUrl(url, port, options);
      const sent = request(url, {
        ...{ agent: false, lookup },
        headers: {
          accept: '*/*',
          'accept-encoding': 'identity',
          'user-agent': 'Postmeter',
          ...(etag === null ? {} : { 'if-none-match': etag }),
        },
        ...(ca === undefined ? {} : { ca }),
      });
      const timer = setTimeout(() => {
        reject(new PublicFetchError('timeout', `no complete response within ${timeoutMs / 1000} s`));
        sent.destroy();
      }, timeoutMs);
      sent.on('close', () => clearTimeout(timer));
      sent.on('error', (error) => reject(failureOf(error)));
      sent.on('response', (response) => {
        readDocument(response, maxBytes, etag !== null)
          .then(fulfil, (error: unknown) => reject(failureOf(error)))
          .finally(() => sent.destroy());
      });
      sent.end();
    });
}

/** Throws `PublicFetchError`. */
function demandUrl(url: string, port: number, rules: AddressRules): void {
  const fault = urlFault(url, rules);
  if (fault !== null) throw new PublicFetchError('url_refused', `the URL ${fault.reason}: ${fault.hint}`);
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' || Number(parsed.port || HTTPS_PORT) !== port)
    throw new PublicFetchError('url_refused', `the URL is not an https:// URL on port ${port}`);
}

async function readDocument(
  response: IncomingMessage,
  maxBytes: number,
  hasEtag: boolean,
): Promise<PublicDocument> {
  const { headers } = response;
  const status = demandStatus(response.statusCode ?? 0, hasEtag);
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity')
    throw new PublicFetchError('coding_refused', `the body is encoded as ${coding}, which was not offered`);
  return {
    status,
    body: await readBounded(response, maxBytes),
    etag: headers.etag ?? null,
    cacheControl: headers['cache-control'] ?? null,
    contentType: headers['content-type'] ?? null,
  };
}

function failureOf(error: unknown): PublicFetchError {
  if (error instanceof PublicFetchError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  return new PublicFetchError(code === ADDRESS_REFUSED ? ADDRESS_REFUSED : 'unreachable', message, {
    cause: error,
  });
}
