import { describe, expect, it } from 'vitest';
import { logoFault } from '../../src/document/logo.ts';
import { pngOf } from './pdf/png.ts';

describe('a logo', () => {
  it('is drawn as it is if it is a PNG without transparency and interlacing', () => {
    expect(logoFault({ type: 'image/png', bytes: pngOf({}) })).toBeNull();
  });

  it.each([
    ['is transparent', { colorType: 6 }],
    ['is transparent', { colorType: 4 }],
    ['is transparent', { isTransparent: true }],
    ['is interlaced', { isInterlaced: true }],
  ] as const)('%s', (fault, options) => {
    expect(logoFault({ type: 'image/png', bytes: pngOf(options) })).toBe(fault);
  });

  it('is not a PNG', () => {
    expect(logoFault({ type: 'image/svg+xml', bytes: pngOf({}) })).toBe('is not a PNG');
    expect(logoFault({ type: 'image/png', bytes: new Uint8Array(60) })).toBe('is not a PNG');
    expect(logoFault({ type: 'image/png', bytes: new Uint8Array(4) })).toBe('is not a PNG');
  });
});
