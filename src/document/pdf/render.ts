/** Draws documents as tagged PDF/A-3a. The same input and fonts give the same bytes, on Node and in workerd. */

import type { DocumentFonts, DocumentInput } from '../input.ts';
import { renderDunning, renderStatement } from './account.ts';
import { renderInvoice, renderLetter } from './claim.ts';

/**
 * Version of the drawing. Change it with every change of the bytes, so that documents made before are not compared with
 * new ones.
 */
export const TEMPLATE = 1;

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
