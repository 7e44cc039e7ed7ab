import { describe, expect, it } from 'vitest';
import { hashesOf } from '../../../src/meter/unique/hashes.ts';
import { addToSketch, emptySketch, estimateOf, STANDARD_ERROR } from '../../../src/meter/unique/sketch.ts';
import { idsOf } from './ids.ts';

/** Relative errors of the estimate at each size, over sketches that are filled with ids as platforms number them. */
function errorsAt(sizes: readonly number[], rounds: number): Map<number, number[]> {
  const errors = new Map<number, number[]>(sizes.map((size) => [size, []]));
  for (let round = 0; round < rounds; round++) {
    const sketch = emptySketch();
    let filled = 0;
    for (const size of sizes) {
      const names = Array.from({ length: size - filled }, (_, at) => `${round + 17}${1e9 + filled + at}`);
      addToSketch(sketch, hashesOf([idsOf(names)]));
      filled = size;
      errors.get(size)!.push(estimateOf(sketch) / size - 1);
    }
  }
  return errors;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the sketch', () => {
  it('estimates 0 for an empty sketch, and small numbers exactly', () => {
    expect(estimateOf(emptySketch())).toBe(0);
    const sketch = emptySketch();
    addToSketch(sketch, hashesOf([idsOf(['a', 'b', 'c'])]));
    expect(estimateOf(sketch)).toBe(3);
  });

  it('keeps its stated error, and has no bias, from the bound on', () => {
    const rounds = 30;
    for (const [size, errors] of errorsAt([4097, 15_000, 41_000], rounds)) {
      const deviation = Math.sqrt(mean(errors.map((error) => error * error)));
      // The deviation of 30 rounds has an error of 13 % itself. The bounds are three of those, and four of the mean's.
      expect(deviation, `at ${size}`).toBeLessThan(STANDARD_ERROR * 1.4);
      expect(Math.abs(mean(errors))).toBeLessThan((4 * STANDARD_ERROR) / Math.sqrt(rounds));
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4.5 * STANDARD_ERROR);
    }
  });

  it('is the same for any order and repetition of hashes', () => {
    const hashes = hashesOf([idsOf(Array.from({ length: 30_000 }, (_, at) => at))]);
    const once = emptySketch();
    addToSketch(once, hashes);
    const parts = emptySketch();
    for (const [from, to] of [
      [20_000, 30_000],
      [0, 15_000],
      [10_000, 30_000],
    ] as const) {
      addToSketch(parts, hashes.subarray(from, to));
    }
    expect(parts).toEqual(once);
  });
});
