/** Which logos a document can draw. */

import type { Seller } from '../seller/model.ts';
import { DocumentError } from './document-error.ts';

type Logo = NonNullable<Seller['logo']>;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Offsets in the IHDR chunk, which follows the signature, a length and a name. */
const COLOR_TYPE_AT = 25;
const INTERLACE_AT = 28;
const ALPHA_BIT = 4;
const FIRST_CHUNK_AT = 8;
const CHUNK_FRAME_BYTES = 12;

/**
 * A PNG without transparency and interlacing is copied into the file as it is. Others would be compressed again, and
 * then the bytes of the document depend on the runtime's zlib. SVG is not drawn.
 *
 * @throws DocumentError
 */
export function checkLogo(logo: Logo): void {
  const reason = logoFault(logo);
  if (reason !== null) {
    const hint = 'upload a PNG without transparency and interlacing';
    throw new DocumentError('logo_unreadable', [{ field: 'logo', reason, hint }]);
  }
}

/** What documents cannot draw of a logo, as a predicate; null if they can draw it. */
export function logoFault({ type, bytes }: Logo): string | null {
  if (type !== 'image/png') return 'is not a PNG';
  if (bytes.length <= INTERLACE_AT || PNG_SIGNATURE.some((byte, at) => bytes[at] !== byte)) {
    return 'is not a PNG';
  }
  if ((bytes[COLOR_TYPE_AT]! & ALPHA_BIT) !== 0 || hasChunk(bytes, 'tRNS')) return 'is transparent';
  return bytes[INTERLACE_AT] === 0 ? null : 'is interlaced';
}

function hasChunk(bytes: Uint8Array, name: string): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = FIRST_CHUNK_AT; at + CHUNK_FRAME_BYTES <= bytes.length; ) {
    const length = view.getUint32(at);
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === name) return true;
    at += length + CHUNK_FRAME_BYTES;
  }
  return false;
}
