import { expect, test } from 'vitest';
import { MAX_LOGO_BYTES, pngFault } from '../../src/seller/logo.ts';
import { pngOf } from '../support/png.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

test('a PNG without transparency is a logo', () => {
  for (const colorType of [0, 2] as const) expect(pngFault(pngOf({ colorType }))).toBeNull();
  expect(pngFault(pngOf({ width: 4000, height: 4000 }))).toBeNull();
});

test.each([
  ['SVG, with or without a script', new TextEncoder().encode(SVG), 'is not a PNG'],
  ['an empty file', new Uint8Array(), 'is not a PNG'],
  ['an alpha channel', pngOf({ colorType: 6 }), 'is transparent'],
  ['a transparent colour', pngOf({ hasTransparentColor: true }), 'is transparent'],
  ['interlaced pixels', pngOf({ isInterlaced: true }), 'is interlaced'],
  ['too few pixels', pngOf({ width: 15 }), 'has 15 x 16 pixels'],
  ['too many pixels', pngOf({ height: 4001 }), 'has 32 x 4001 pixels'],
  ['bytes after the end', Uint8Array.of(...pngOf(), 1), 'is not a PNG'],
  ['too many bytes', new Uint8Array(MAX_LOGO_BYTES + 1), 'exceeds 200000 bytes'],
])('%s is refused with a hint', (_name, file, reason) => {
  const fault = pngFault(file);
  expect(fault?.reason).toBe(reason);
  expect(fault?.hint.length).toBeGreaterThan(10);
});

test('a file that breaks off anywhere is refused', () => {
  const whole = pngOf();
  for (let length = 0; length < whole.length; length++) {
    expect(pngFault(whole.subarray(0, length)), String(length)).not.toBeNull();
  }
});
