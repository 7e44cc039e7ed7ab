import { create } from 'fontkit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readDocumentFonts } from '../../../src/adapters/node/documents/fonts.ts';
import type { DocumentFonts, DocumentInput } from '../../../src/document/input.ts';
import { renderPdf } from '../../../src/document/pdf/render.ts';
import { pngOf } from './png.ts';
import {
  claimOf,
  DOCUMENT,
  invoiceInput,
  invoiceOf,
  offsetLine,
  sampleInputs,
  statementInput,
} from './samples.ts';

const { TZ } = process.env;
/** A busy machine draws the first document of a process in seconds. */
const MAX_DRAWING_MS = 30_000;

let fonts: DocumentFonts;
beforeAll(async () => {
  fonts = await readDocumentFonts();
});
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

const named = (legalName: string) =>
  invoiceInput({ claim: claimOf({ document: { ...DOCUMENT, buyer: { ...DOCUMENT.buyer, legalName } } }) });
/** The uncompressed file as text, in which each byte is a character. */
const textOf = async (input: DocumentInput) => Buffer.from(await renderPdf(input, fonts)).toString('utf8');

describe('a document', { timeout: MAX_DRAWING_MS }, () => {
  it('has the same bytes each time, in every time zone, and after other documents', async () => {
    process.env.TZ = 'America/New_York';
    const first = await renderPdf(invoiceInput(), fonts);
    await renderPdf(statementInput(), fonts);
    process.env.TZ = 'Pacific/Auckland';
    expect(Buffer.compare(first, await renderPdf(invoiceInput(), fonts))).toBe(0);
  });

  it('declares PDF/A-3a, its language, its number as title, and the moment of issue', async () => {
    const text = await textOf(invoiceInput({ language: 'de' }));
    for (const part of [
      '%PDF-1.7',
      '<pdfaid:part>3</pdfaid:part>',
      '<pdfaid:conformance>A</pdfaid:conformance>',
      '<pdfuaid:part>1</pdfuaid:part>',
      '<xmp:CreateDate>2026-03-01T09:30:00Z</xmp:CreateDate>',
      '<rdf:li xml:lang="x-default">Forderung pauschalierten Schadensersatzes PM-000017</rdf:li>',
      '/Lang (de)',
      '/MarkInfo',
      '/AFRelationship /Data',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('/BaseFont /Helvetica');
  });

  it('keeps the metadata well-formed for a number with signs of XML', async () => {
    const document = { ...DOCUMENT, displayNumber: 'A&B<17>' };
    const text = await textOf(invoiceInput({ claim: claimOf({ document }) }));
    expect(text).toContain('<rdf:li xml:lang="x-default">Statement of liquidated damages A B 17</rdf:li>');
  });

  it('attaches the e-invoice as its alternative, and names it in the metadata', async () => {
    const text = await textOf(sampleInputs().facturx!);
    expect(text).toContain('/AFRelationship /Alternative');
    expect(text).toContain('<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>');
    expect(await textOf(invoiceInput())).not.toContain('fx:');
  });

  it('is on Letter for a seller in the US, else on A4', async () => {
    expect(await textOf(invoiceInput())).toContain('/MediaBox [0 0 612 792]');
    expect(await textOf(sampleInputs().licence!)).toContain('/MediaBox [0 0 595.28 841.89]');
  });

  it('has a logo with the name of the seller as its text', async () => {
    const text = await textOf(invoiceInput({ logo: { type: 'image/png', bytes: pngOf({}) } }));
    expect(text).toContain('/Subtype /Image');
    expect(text).toContain('/Alt (X Corp.)');
  });

  it('is refused if the logo is transparent', async () => {
    const logo = { type: 'image/png', bytes: pngOf({ colorType: 6 }) } as const;
    await expect(renderPdf(invoiceInput({ logo }), fonts)).rejects.toMatchObject({
      code: 'logo_unreadable',
      faults: [{ field: 'logo', reason: 'is transparent' }],
    });
  });

  it.each([
    ['株式会社 Globex', '株 (U+682A), 式 (U+5F0F), 会 (U+4F1A), 社 (U+793E)'],
    ['Globex\u0007', 'U+0007'],
    ['Globex \u{1f600}', '\u{1f600} (U+1F600)'],
    ['شركة', 'ش (U+0634), ر (U+0631), ك (U+0643), ة (U+0629)'],
  ])('is refused with the characters that no font has, and their field: %j', async (name, characters) => {
    await expect(renderPdf(named(name), fonts)).rejects.toMatchObject({
      code: 'characters_missing',
      faults: [
        {
          field: 'claim.document.buyer.legalName',
          reason: `contains characters that no font of the documents has: ${characters}`,
        },
      ],
    });
  });

  it('is refused for a text that only the fallback of an offset draws', async () => {
    const lines = [offsetLine({ description: 'Less 請求書' })];
    const claim = claimOf({ invoice: invoiceOf({ lines }) });
    await expect(renderPdf(invoiceInput({ claim }), fonts)).rejects.toMatchObject({
      code: 'characters_missing',
    });
  });

  it('takes the newlines and tabs of a form', async () => {
    const buyer = { ...DOCUMENT.buyer, street: null, city: null, address: 'Keizersgracht\t1\r\nAmsterdam' };
    const claim = claimOf({ document: { ...DOCUMENT, buyer } });
    await expect(renderPdf(invoiceInput({ claim }), fonts)).resolves.toBeInstanceOf(Uint8Array);
  });

  it('has names in Greek, Cyrillic, Vietnamese and Polish', async () => {
    const name = 'Ελληνική ΑΕ, ООО Ромашка, Công ty Trách nhiệm, Zażółć gęślą jaźń';
    await expect(renderPdf(named(name), fonts)).resolves.toBeInstanceOf(Uint8Array);
    await expect(renderPdf(named(name.normalize('NFD')), fonts)).resolves.toBeInstanceOf(Uint8Array);
  });
});

describe('the fonts', { timeout: MAX_DRAWING_MS }, () => {
  it('are TrueType fonts with the glyphs of the languages', () => {
    for (const list of [fonts.regular, fonts.bold]) {
      const opened = list.map((bytes) => create(Buffer.from(bytes)));
      const has = (char: string) =>
        opened.some(
          (font) => 'hasGlyphForCodePoint' in font && font.hasGlyphForCodePoint(char.codePointAt(0)!),
        );
      expect([...'aßéñłΩЖệ€−·…\u00a0'].filter((char) => !has(char))).toEqual([]);
    }
  });
});
