/** Small PNG files, as they are and with faults. */

import { crc32, deflateSync } from 'node:zlib';

interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  /** 2: colours without transparency. 6: with an alpha channel. */
  readonly colorType?: 0 | 2 | 4 | 6;
  readonly isInterlaced?: boolean;
  /** A transparent colour. */
  readonly hasTransparentColor?: boolean;
}

export function pngOf(options: PngOptions = {}): Uint8Array<ArrayBuffer> {
  const { width = 32, height = 16, colorType = 2, isInterlaced = false } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colorType, 0, 0, isInterlaced ? 1 : 0], 8);
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[colorType];
  const pixels = deflateSync(Buffer.alloc(Math.min(height, 100) * (1 + Math.min(width, 100) * channels), 7));
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      ...(options.hasTransparentColor === true ? [chunk('tRNS', Buffer.alloc(6))] : []),
      chunk('IDAT', pixels),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}
