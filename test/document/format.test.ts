import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateText,
  decimalMoney,
  durationText,
  minorMoney,
  momentText,
  monthText,
  numberText,
  percentText,
  postsText,
} from '../../src/document/format.ts';
import { DOCUMENT_TEXTS } from '../../src/document/texts/language-texts.ts';
import { LANGUAGES } from '../../src/seller/language.ts';
import { draws } from '../support/draws.ts';

const signsOf = (language: (typeof LANGUAGES)[number]) => DOCUMENT_TEXTS[language].signs;
/** Spaces that do not break, as plain ones. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers and dates of a language', () => {
  it.each([
    ['en', '1,234,567', 'USD 15,000.02', 'USD −15,000.02', '1 March 2026', '1 Mar 2026, 09:05'],
    ['de', '1.234.567', '15.000,02 USD', '−15.000,02 USD', '1. März 2026', '01.03.2026, 09:05'],
    ['fr', '1 234 567', '15 000,02 USD', '−15 000,02 USD', '1er mars 2026', '01/03/2026, 09:05'],
    ['es', '1.234.567', '15.000,02 USD', '−15.000,02 USD', '1 de marzo de 2026', '01/03/2026, 09:05'],
  ] as const)('%s', (language, number, money, credit, date, moment) => {
    const signs = signsOf(language);
    expect(plain(numberText(1_234_567, signs))).toBe(number);
    expect(plain(minorMoney(1_500_002n, 'USD', signs))).toBe(money);
    expect(plain(decimalMoney('-15000.02', 'USD', signs))).toBe(credit);
    expect(plain(dateText('2026-03-01', signs))).toBe(date);
    expect(plain(momentText(Date.UTC(2026, 2, 1, 9, 5), signs))).toBe(moment);
  });

  it('keep the decimal places of the currency', () => {
    expect(plain(minorMoney(15_000n, 'JPY', signsOf('de')))).toBe('15.000 JPY');
    expect(plain(minorMoney(15_000_125n, 'KWD', signsOf('en')))).toBe('KWD 15,000.125');
  });

  it('use the plural that the language has for the number', () => {
    const posts = (count: number) => LANGUAGES.map((language) => plain(postsText(count, signsOf(language))));
    expect(posts(0)).toEqual(['0 posts', '0 Beiträge', '0 publication', '0 publicaciones']);
    expect(posts(1)).toEqual(['1 post', '1 Beitrag', '1 publication', '1 publicación']);
    expect(posts(2)).toEqual(['2 posts', '2 Beiträge', '2 publications', '2 publicaciones']);
  });

  it('name a span by its largest whole unit', () => {
    expect([86_400, 90, 5400].map((seconds) => plain(durationText(seconds, signsOf('en'))))).toEqual([
      '24 hours',
      '90 seconds',
      '90 minutes',
    ]);
    expect(plain(durationText(3600, signsOf('de')))).toBe('1 Stunde');
  });

  it('write percentages without trailing zeros', () => {
    const texts = [0, 1900, 550, 1925, 5].map((bp) => plain(percentText(bp, signsOf('de'))));
    expect(texts).toEqual(['0 %', '19 %', '5,5 %', '19,25 %', '0,05 %']);
  });

  it('name months', () => {
    const months = LANGUAGES.map((language) => monthText(Date.UTC(2026, 7, 1), signsOf(language)));
    expect(months).toEqual(['August 2026', 'August 2026', 'août 2026', 'agosto de 2026']);
  });

  it('give amounts that can be read back', () => {
    const amounts = fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n });
    fc.assert(
      fc.property(amounts, fc.constantFrom(...LANGUAGES), (minor, language) => {
        const signs = signsOf(language);
        const digits = minorMoney(minor, 'EUR', signs)
          .replaceAll(signs.group, '')
          .replace(signs.decimal, '')
          .replace('−', '-')
          .replace(/[^\d-]/g, '');
        expect(BigInt(digits)).toBe(minor);
      }),
      { numRuns: draws(500) },
    );
  });
});
