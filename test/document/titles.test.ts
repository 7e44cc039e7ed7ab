import { describe, expect, it } from 'vitest';
import { DOCUMENT_TEXTS } from '../../src/document/texts/language-texts.ts';
import { addresseeOf, copyLine, titleOf } from '../../src/document/titles.ts';
import { LANGUAGES } from '../../src/seller/language.ts';
import { documentOf } from './issued.ts';
import { DOCUMENT, licenceInput, WITH_CO_DEBTORS } from './pdf/samples.ts';

const { en } = DOCUMENT_TEXTS;

describe('the title of a document', () => {
  it('is that of the claim in each language, unless the seller has one', () => {
    const licence = licenceInput().claim.document;
    const titles = LANGUAGES.map((language) => {
      const texts = DOCUMENT_TEXTS[language];
      return [DOCUMENT, licence].map((document) => titleOf('invoice', document, language, texts));
    });
    expect(titles).toEqual([
      ['Statement of liquidated damages', 'Invoice'],
      ['Forderung pauschalierten Schadensersatzes', 'Rechnung'],
      ['Décompte de dommages-intérêts forfaitaires', 'Facture'],
      ['Liquidación de indemnización pactada', 'Factura'],
    ]);
    const named = documentOf(1, { texts: { en: { title: 'Claim' } } });
    expect(titleOf('invoice', named, 'en', en)).toBe('Claim');
    expect(titleOf('invoice', named, 'de', DOCUMENT_TEXTS.de)).toContain('Schadensersatz');
  });

  it('is the product\u2019s for corrections, so that they are recognized', () => {
    const named = documentOf(1, { texts: { en: { title: 'Claim' } } });
    expect(titleOf('credit_note', named, 'en', en)).toBe('Credit note');
    expect(titleOf('supplement', named, 'en', en)).toBe('Supplementary statement of liquidated damages');
  });
});

describe('copies', () => {
  it('are addressed to the buyer, then to the co-debtors in their order', () => {
    const names = [1, 2, 3].map((copy) => addresseeOf(WITH_CO_DEBTORS, copy).legalName);
    expect(names).toEqual(['Globex BV', 'Globex Proxy Ltd', 'Globex Holding SA']);
    expect(() => addresseeOf(WITH_CO_DEBTORS, 4)).toThrow(RangeError);
  });

  it('name the other liable parties, and the ground of a co-debtor', () => {
    expect(copyLine(WITH_CO_DEBTORS, 2, en)).toBe(
      'Copy 2 of 3 for Globex Proxy Ltd. Jointly and severally liable; payment by any party discharges all to that ' +
        'extent. Other liable parties: Globex BV; Globex Holding SA. All copies claim one and the same debt. ' +
        'Ground of liability: Operates the proxies.',
    );
    expect(copyLine(WITH_CO_DEBTORS, 1, en)).not.toContain('Ground');
    expect(copyLine(DOCUMENT, 1, en)).toBeNull();
  });
});
