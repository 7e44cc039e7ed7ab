import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from '../../../src/document/pdf/wrap.ts';
import { draws } from '../../support/draws.ts';

const widthOf = (text: string) => [...text].length;

describe('wrapping', () => {
  it('breaks at spaces, at newlines, and inside a word only if it is wider than the line', () => {
    expect(wrapText('the quick brown fox', 9, widthOf)).toEqual(['the quick', 'brown fox']);
    expect(wrapText('one\n\ntwo', 9, widthOf)).toEqual(['one', '', 'two']);
    expect(wrapText('an incomprehensible word', 8, widthOf)).toEqual(['an', 'incompre', 'hensible', 'word']);
    expect(wrapText('10\u00a0000 posts', 8, widthOf)).toEqual(['10\u00a0000', 'posts']);
    expect(wrapText('', 8, widthOf)).toEqual(['']);
  });

  it('keeps every character in its order, and no line is wider than the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrapText(text, width, widthOf);
        const letters = (part: string) => part.replaceAll(/[ \n]/g, '');
        expect(letters(lines.join(''))).toBe(letters(text));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: draws(500) },
    );
  });
});
