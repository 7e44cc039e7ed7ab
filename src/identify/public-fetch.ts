/**
 * Fetches of public documents that others name: lists of address ranges and directories of keys. Adapters implement
 * `FetchPublic`; this file has its contract.
 */

export interface PublicFetchLimits {
  /** Time limit of the whole fetch, from the resolution of the name to the last byte. */
  readonly timeoutMs: number;
  /** Maximum size of the body, decoded. */
  readonly maxBytes: number;
}

/** The limits for documents that a stranger can name. */
export const STRANGER_LIMITS: PublicFetchLimits = { timeoutMs: 3_000, maxBytes: 65_536 };

export interface PublicDocument {
  /** 304 only if the caller gave an ETag. Its body is empty. */
  readonly status: 200 | 304;
  readonly body: Uint8Array;
  readonly etag: string | null;
  readonly cacheControl: string | null;
  readonly contentType: string | null;
}

/**
 * Gets a document by https from port 443 of a public address. It follows no redirect and accepts only 200, or 304 if
 * `etag` is given. Rejects with `PublicFetchError`.
 */
export type FetchPublic = (
  url: string,
  limits: PublicFetchLimits,
  etag?: string | null,
) => Promise<PublicDocument>;

/**
 * - `url_refused`: not an https URL of a public host on port 443
 * - `address_refused`: the name leads to an address that is not public
 * - `timeout`: the time limit passed
 * - `status_refused`: another status than 200 or 304
 * - `coding_refused`: the body is compressed although no coding was offered
 * - `too_large`: the body exceeds the limit
 * - `unreachable`: resolution, connection or transfer failed; `cause` is the error of the runtime
 */
export type PublicFetchErrorCode =
  | 'url_refused'
  | 'address_refused'
  | 'timeout'
  | 'status_refused'
  | 'coding_refused'
  | 'too_large'
  | 'unreachable';

export class PublicFetchError extends Error {
  override readonly name = 'PublicFetchError';
  readonly code: PublicFetchErrorCode;
  constructor(code: PublicFetchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Checks the status before the body is read. Throws `PublicFetchError`. */
export function demandStatus(status: number, hasEtag: boolean): 200 | 304 {
  if (status === 200 || (status === 304 && hasEtag)) return status;
  throw new PublicFetchError('status_refused', `the server responded with status ${status}; expected 200`);
}

/** Collects a body up to a limit. Throws `PublicFetchError` if it is longer. */
export async function readBounded(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw new PublicFetchError('too_large', `the body exceeds ${maxBytes} bytes`);
    kept.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of kept) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
