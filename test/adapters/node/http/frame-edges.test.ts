import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameEdges } from '../../../../src/adapters/node/http/frame-edges.ts';
import { framesOf } from './server-frames.ts';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 70_000];

describe('FrameEdges', () => {
  it('is at an edge after each frame, and nowhere else', async () => {
    for (const size of SIZES) {
      const frame = await framesOf([{ data: 'x'.repeat(size) }], null);
      const edges = new FrameEdges();
      expect(edges.isAtEdge).toBe(true);
      for (let at = 0; at < frame.length - 1; at++) {
        edges.pass(frame.subarray(at, at + 1));
        if (edges.isAtEdge) expect(at).toBe(-1);
      }
      edges.pass(frame.subarray(-1));
      expect(edges.isAtEdge).toBe(true);
    }
  });

  it('knows masked frames too', () => {
    const edges = new FrameEdges();
    expect(edges.passFrame(Buffer.from([0x81, 0x83, 1, 2, 3, 4, 5, 6, 7, 0x81]))).toBe(9);
  });

  it('finds the end of the frame under way wherever chunks are cut', async () => {
    const all = await Promise.all(SIZES.map((size) => framesOf([{ data: 'x'.repeat(size) }], null)));
    const bytes = Buffer.concat(all);
    const ends = all.map((_, i) => Buffer.concat(all.slice(0, i + 1)).length);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (cut) => {
        const edges = new FrameEdges();
        edges.pass(bytes.subarray(0, cut));
        const isAtEdge = cut === 0 || ends.includes(cut);
        expect(edges.isAtEdge).toBe(isAtEdge);
        expect(cut + edges.passFrame(bytes.subarray(cut))).toBe(ends.find((end) => end > cut));
      }),
    );
  });

  it('takes whatever bytes come', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const edges = new FrameEdges();
        for (const chunk of chunks) {
          const to = edges.passFrame(chunk);
          expect(to).toBeLessThanOrEqual(chunk.length);
          edges.pass(chunk.subarray(to));
        }
      }),
    );
  });
});
