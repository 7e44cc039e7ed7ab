/** Decodes the content codings of a complete request body of at most some hundred KB. */

import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { DecodeWhole } from '../../../count/graphql/request-text.ts';
import type { ContentCoding } from '../../../count/port.ts';

type Readable = Exclude<ContentCoding, 'zstd'>;

export const decodeWhole: DecodeWhole = (codings, bytes, maxBytes) => {
  if (!codings.every(isReadable)) return null;
  try {
    return codings.reduceRight<Uint8Array>((body, coding) => decodeOne(coding, body, maxBytes), bytes);
  } catch (error) {
    // Errors of zlib for invalid bytes, and of Node for output beyond the limit, have a code.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
};

/** Not every runtime can decode zstd synchronously. */
function isReadable(coding: ContentCoding): coding is Readable {
  return coding !== 'zstd';
}

function decodeOne(coding: Readable, body: Uint8Array, maxOutputLength: number): Uint8Array {
  switch (coding) {
    case 'gzip':
      return gunzipSync(body, { maxOutputLength });
    case 'deflate':
      return (body[0]! & 0x0f) === ZLIB_METHOD
        ? inflateSync(body, { maxOutputLength })
        : inflateRawSync(body, { maxOutputLength });
    case 'br':
      return brotliDecompressSync(body, {
        maxOutputLength,
        finishFlush: constants.BROTLI_OPERATION_FINISH,
      });
  }
}

/** See `decode-deflate.ts`. */
const ZLIB_METHOD = 8;
