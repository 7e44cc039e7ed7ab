/**
 * Fetches public documents from a Worker or a Durable Object: see `FetchPublic`. They reach no private network, so names
 * and literal addresses are checked alone.
 */

import {
  demandStatus,
  type FetchPublic,
  PublicFetchError,
  readBounded,
} from '../../identify/public-fetch.ts';
import { urlFault } from '../../notify/address-rules.ts';

export const edgeFetchPublic: FetchPublic = async (url, { timeoutMs, maxBytes }, etag = null) => {
  const fault = urlFault(url, { allowPrivate: false });
  if (fault !== null) throw new PublicFetchError('url_refused', `the URL ${fault.reason}: ${fault.hint}`);
  if (new URL(url).port !== '')
    throw new PublicFetchError('url_refused', 'the URL is not an https:// URL on port 443');
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'user-agent': 'Postmeter', ...(etag === null ? {} : { 'if-none-match': etag }) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { headers } = response;
    // The runtime decodes the body while it is read, so that the limit applies to decoded bytes.
    return {
      status: demandStatus(response.status, etag !== null),
      body: response.body === null ? new Uint8Array() : await readBounded(response.body, maxBytes),
      etag: headers.get('etag'),
      cacheControl: headers.get('cache-control'),
      contentType: headers.get('content-type'),
    };
  } catch (error) {
    if (error instanceof PublicFetchError) throw error;
    const { name, message } = error as Error;
    throw name === 'TimeoutError'
      ? new PublicFetchError('timeout', `no complete response within ${timeoutMs / 1000} s`, { cause: error })
      : new PublicFetchError('unreachable', message, { cause: error });
  }
};
