import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBoundaries } from '../../../../src/adapters/node/http/frame-boundaries.ts';
import { framesOf } from './server-frames.ts';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 70_000];

describe('FrameBoundaries', () => {
  it('reports a boundary after each frame, and nowhere else', async () => {
    for (const size of SIZES) {
      const frame = await framesOf([{ data: 'x'.repeat(size) }], null);
      const boundaries = new FrameBoundaries();
      expect(boundaries.isAtBoundary).toBe(true);
      for (let at = 0; at < frame.length - 1; at++) {
        boundaries.skip(frame.subarray(at, at + 1));
        if (boundaries.isAtBoundary) expect(at).toBe(-1);
      }
      boundaries.skip(frame.subarray(-1));
      expect(boundaries.isAtBoundary).toBe(true);
    }
  });

  it('reads masked frames', () => {
    const boundaries = new FrameBoundaries();
    expect(boundaries.skipFrame(Buffer.from([0x81, 0x83, 1, 2, 3, 4, 5, 6, 7, 0x81]))).toBe(9);
  });

  it('finds the end of the current frame for every cut of the chunks', async () => {
    const all = await Promise.all(SIZES.map((size) => framesOf([{ data: 'x'.repeat(size) }], null)));
    const bytes = Buffer.concat(all);
    const ends = all.map((_, i) => Buffer.concat(all.slice(0, i + 1)).length);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (cut) => {
        const boundaries = new FrameBoundaries();
        boundaries.skip(bytes.subarray(0, cut));
        const isAtBoundary = cut === 0 || ends.includes(cut);
        expect(boundaries.isAtBoundary).toBe(isAtBoundary);
        expect(cut + boundaries.skipFrame(bytes.subarray(cut))).toBe(ends.find((end) => end > cut));
      }),
    );
  });

  it('accepts any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const boundaries = new FrameBoundaries();
        for (const chunk of chunks) {
          const to = boundaries.skipFrame(chunk);
          expect(to).toBeLessThanOrEqual(chunk.length);
          boundaries.skip(chunk.subarray(to));
        }
      }),
    );
  });
});
