/** The renderers of documents on Node. Fonts, pdfkit and the writer of e-invoices are loaded with the first document. */

import { readDocumentFonts } from '../../adapters/node/documents/fonts.ts';
import type { DocumentFonts } from '../../document/input.ts';
import type { DocumentPress } from '../../document/port.ts';
import { TEMPLATE } from '../../document/template.ts';

export function nodePress(): DocumentPress {
  let fonts: Promise<DocumentFonts> | undefined;
  return {
    template: TEMPLATE,
    pdf: async (input) => {
      const { renderPdf } = await import('../../document/pdf/render.ts');
      fonts ??= readDocumentFonts();
      return renderPdf(input, await fonts);
    },
    eInvoice: async (format, claim) => {
      const { eInvoiceOf } = await import('../../adapters/node/e-invoice.ts');
      return eInvoiceOf(format, claim);
    },
  };
}
