import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sfntOf } from '../../src/document/woff.ts';

const inflate = (bytes: Uint8Array) => inflateSync(bytes);

/** A WOFF file with one table of five bytes that is stored as it is. */
function woffOf(signature: string): Uint8Array {
  const table = Buffer.from('hello');
  const bytes = Buffer.alloc(64 + 8);
  bytes.write(signature, 0, 'latin1');
  bytes.writeUInt32BE(0x00010000, 4);
  bytes.writeUInt16BE(1, 12);
  bytes.write('test', 44, 'latin1');
  for (const [at, value] of [64, table.length, table.length, 0xabcd].entries()) {
    bytes.writeUInt32BE(value, 48 + 4 * at);
  }
  bytes.set(table, 64);
  return bytes;
}

describe('unpacking a WOFF font', () => {
  it('gives its tables with their tags, checksums and lengths, padded to four bytes', () => {
    const sfnt = Buffer.from(sfntOf(woffOf('wOFF'), inflate));
    expect(sfnt.readUInt32BE(0)).toBe(0x00010000);
    expect([4, 6, 8, 10].map((at) => sfnt.readUInt16BE(at))).toEqual([1, 16, 0, 0]);
    expect(sfnt.subarray(12, 16).toString()).toBe('test');
    expect([16, 20, 24].map((at) => sfnt.readUInt32BE(at))).toEqual([0xabcd, 28, 5]);
    expect(sfnt.subarray(28).toString()).toBe('hello\0\0\0');
  });

  it('refuses other files', () => {
    expect(() => sfntOf(woffOf('wOF2'), inflate)).toThrow(RangeError);
    expect(() => sfntOf(new Uint8Array(3), inflate)).toThrow(RangeError);
  });
});
