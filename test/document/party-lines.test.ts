import { describe, expect, it } from 'vitest';
import { addressLines, paperOf, registerLines } from '../../src/document/party-lines.ts';
import { DOCUMENT_TEXTS } from '../../src/document/texts/language-texts.ts';
import { UNKNOWN_PARTY } from '../../src/seller/party.ts';

describe('the lines of a party', () => {
  it('have the postcode before or after the city, as the country writes it', () => {
    const parts = { ...UNKNOWN_PARTY, street: 'Main St 1', city: 'Bastrop', region: 'TX', postcode: '78602' };
    expect(addressLines({ ...parts, country: 'US' })).toEqual(['Main St 1', 'Bastrop, TX 78602', 'US']);
    const dutch = { ...parts, city: 'Amsterdam', region: null, postcode: '1015 CJ', country: 'NL' };
    expect(addressLines(dutch)).toEqual(['Main St 1', '1015 CJ Amsterdam', 'NL']);
  });

  it('are those of the free text without street and city', () => {
    expect(
      addressLines({ ...UNKNOWN_PARTY, address: 'Keizersgracht 1\n\nAmsterdam', country: 'NL' }),
    ).toEqual(['Keizersgracht 1', 'Amsterdam']);
    expect(addressLines(UNKNOWN_PARTY)).toEqual([]);
  });

  it('name registers in the language', () => {
    const party = { ...UNKNOWN_PARTY, register: 'HRB', registerId: '123', vatId: 'DE1', taxId: '' };
    const lines = registerLines(party, DOCUMENT_TEXTS.de);
    expect(lines).toEqual(['Register: HRB 123', 'USt-IdNr.: DE1']);
  });

  it('are on Letter in the US and Canada, else on A4', () => {
    const papers = ['US', 'CA', 'DE', null].map((country) => paperOf({ ...UNKNOWN_PARTY, country }));
    expect(papers).toEqual(['LETTER', 'LETTER', 'A4', 'A4']);
  });
});
