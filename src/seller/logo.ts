/** Which logos a seller may have. Documents draw PNG alone, so that SVG with its scripts and references has no place. */

export const MAX_LOGO_BYTES = 200_000;
const MIN_LOGO_PIXELS = 16;
const MAX_LOGO_PIXELS = 4000;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Each chunk has a length of 4 bytes, a name of 4, its data, and a checksum of 4 (PNG, section 5.3). */
const FRAME_BYTES = 12;
/** Color types whose pixels have an alpha channel. */
const ALPHA_BIT = 4;

interface LogoFault {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Returns why the file cannot be a logo; null if it can. PDF/A allows no transparency that the renderer would have to
 * rewrite, and interlaced pixels would be compressed again, which makes documents depend on the runtime.
 */
export function pngFault(file: Uint8Array): LogoFault | null {
  const hint = 'upload a PNG without transparency and interlacing';
  if (file.length > MAX_LOGO_BYTES) {
    return { reason: `exceeds ${MAX_LOGO_BYTES} bytes`, hint: 'upload a smaller file' };
  }
  const chunks = chunksOf(file);
  const header = chunks?.get('IHDR');
  if (chunks === null || header?.length !== 13 || !chunks.has('IDAT') || !chunks.has('IEND')) {
    return { reason: 'is not a PNG', hint };
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const sides = [view.getUint32(0), view.getUint32(4)];
  if (sides.some((side) => side < MIN_LOGO_PIXELS || side > MAX_LOGO_PIXELS)) {
    const range = `${MIN_LOGO_PIXELS} to ${MAX_LOGO_PIXELS} pixels`;
    return { reason: `has ${sides.join(' x ')} pixels`, hint: `use ${range} on each side` };
  }
  if ((header[9]! & ALPHA_BIT) !== 0 || chunks.has('tRNS')) return { reason: 'is transparent', hint };
  return header[12] === 0 ? null : { reason: 'is interlaced', hint };
}

/** The first chunk of each name; null if the file is not a sequence of chunks that ends with IEND. */
function chunksOf(file: Uint8Array): ReadonlyMap<string, Uint8Array> | null {
  if (SIGNATURE.some((byte, at) => file[at] !== byte)) return null;
  const chunks = new Map<string, Uint8Array>();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = SIGNATURE.length;
  while (at + FRAME_BYTES <= file.length) {
    const length = view.getUint32(at);
    const end = at + FRAME_BYTES + length;
    if (end > file.length) return null;
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (!chunks.has(name)) chunks.set(name, file.subarray(at + 8, at + 8 + length));
    at = end;
    if (name === 'IEND') break;
  }
  return at === file.length ? chunks : null;
}
