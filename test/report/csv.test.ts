import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLines, figure } from '../../src/report/csv.ts';
import { anyCharacter } from '../support/characters.ts';

describe('csvLines', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://203.0.113.1","x")', `"'=HYPERLINK(""http://203.0.113.1"",""x"")"`],
    ['+49 30 1234', "'+49 30 1234"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\t=1', "'\t=1"],
    ['\tplain', "'\tplain"],
    ['\rplain', `"'\rplain"`],
    ['\n=1', `"'\n=1"`],
    ['\u00a0=1', "'\u00a0=1"],
    ['\uff1d1', "'\uff1d1"],
    ['ACME, Inc.', '"ACME, Inc."'],
    ['Zoë "Z" & Co', '"Zoë ""Z"" & Co"'],
    ['a=b', 'a=b'],
    ['-15000.02', "'-15000.02"],
  ])('text %j becomes %j', (text, expected) => {
    expect(csvLines([[text, 1]])).toBe(`${expected},1\r\n`);
  });

  test('keeps a negative amount of our own as a number', () => {
    expect(csvLines([[figure('-15000.02'), -3, null, 'credit_note']])).toBe('-15000.02,-3,,credit_note\r\n');
  });

  test.each(['', '=1', '1e5', '--1', '-', '1.', '-1+2', ' 1', '1\n'])('%j is no figure', (text) => {
    expect(() => figure(text)).toThrow(RangeError);
  });

  test('no text cell ever begins like a formula, and its text is preserved', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyCharacter }), { minLength: 2, maxLength: 4 }), (texts) => {
        const [row] = parse(csvLines([texts]), { relax_column_count: true, record_delimiter: '\r\n' });
        expect(row).toHaveLength(texts.length);
        for (const [index, cell] of row!.entries()) {
          expect(cell).not.toMatch(/^[\s]*[=+\-@]/);
          expect([texts[index], `'${texts[index]}`]).toContain(cell);
        }
      }),
    );
  });
});
