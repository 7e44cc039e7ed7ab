/** Draws documents as tagged PDF/A-3a. The same input and fonts give the same bytes, on Node and in workerd. */

import type { DocumentFonts, DocumentInput } from '../input.ts';
import { renderDunning, renderStatement } from './account.ts';
import { renderInvoice, renderLetter } from './claim.ts';

/** @throws DocumentError if a text or the logo cannot be drawn */
export function renderPdf(input: DocumentInput, fonts: DocumentFonts): Promise<Uint8Array> {
  switch (input.kind) {
    case 'invoice':
      return renderInvoice(input, fonts);
    case 'letter':
      return renderLetter(input, fonts);
    case 'dunning':
      return renderDunning(input, fonts);
    case 'statement':
      return renderStatement(input, fonts);
  }
}
