import { beforeAll, describe, expect, it } from 'vitest';
import { readDocumentFonts } from '../../../src/adapters/node/documents/fonts.ts';
import type { DocumentFonts } from '../../../src/document/input.ts';
import { renderPdf } from '../../../src/document/pdf/render.ts';
import { claimOf, DOCUMENT, invoiceInput } from './samples.ts';

let fonts: DocumentFonts;
beforeAll(async () => {
  fonts = await readDocumentFonts();
});

describe('a document', () => {
  it('has the same bytes each time', async () => {
    const [one, two] = [await renderPdf(invoiceInput(), fonts), await renderPdf(invoiceInput(), fonts)];
    expect(new TextDecoder().decode(one.subarray(0, 8))).toBe('%PDF-1.7');
    expect(Buffer.compare(one, two)).toBe(0);
  });

  it('is refused with the characters that no font has, and their field', async () => {
    const document = { ...DOCUMENT, buyer: { ...DOCUMENT.buyer, legalName: '株式会社 Globex' } };
    await expect(renderPdf(invoiceInput({ claim: claimOf({ document }) }), fonts)).rejects.toMatchObject({
      code: 'characters_missing',
      faults: [
        {
          field: 'claim.document.buyer.legalName',
          reason: expect.stringContaining('株 (U+682A), 式 (U+5F0F)'),
        },
      ],
    });
  });
});
