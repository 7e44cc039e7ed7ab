/** Small PNG files for tests of logos. */

import { deflateSync } from 'node:zlib';

export interface PngOptions {
  /** 2: RGB. 4 and 6: with alpha. */
  readonly colorType?: 2 | 4 | 6;
  /** Adds a tRNS chunk. */
  readonly isTransparent?: boolean;
  readonly isInterlaced?: boolean;
}

/** A blue square of 16 by 16 pixels. Checksums of the chunks are zero, which no reader here checks. */
export function pngOf({
  colorType = 2,
  isTransparent = false,
  isInterlaced = false,
}: PngOptions): Uint8Array {
  const size = 16;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, colorType, 0, 0, isInterlaced ? 1 : 0], 8);
  const pixel = { 2: [31, 58, 95], 4: [31, 255], 6: [31, 58, 95, 255] }[colorType];
  const row = [0, ...Array.from({ length: size }, () => pixel).flat()];
  const pixels = deflateSync(Buffer.from(Array.from({ length: size }, () => row).flat()));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(isTransparent ? [chunk('tRNS', Buffer.alloc(6))] : []),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)]);
}
