/** Opens the sheet of a document, and refuses texts and logos that cannot be drawn. */

import { pngFault } from '../../seller/logo.ts';
import type { Party } from '../../seller/model.ts';
import { DocumentError } from '../document-error.ts';
import type { DocumentFonts, DocumentInput } from '../input.ts';
import { paperOf } from '../party-lines.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import { missingCharacters } from './missing-characters.ts';
import { Sheet } from './sheet.ts';

/** @throws DocumentError that names the field */
export function openSheet(
  input: DocumentInput,
  fonts: DocumentFonts,
  document: {
    readonly seller: Party;
    readonly title: string;
    /** Number of the document, or its title, for the foot. */
    readonly name: string;
    readonly footer: string;
    readonly mark: string | null;
  },
): Sheet {
  const { seller, title, name, footer, mark } = document;
  const fault = input.logo === null ? null : pngFault(input.logo.bytes);
  if (fault !== null) throw new DocumentError('logo_unreadable', [{ field: 'logo', ...fault }]);
  const { invoice: words } = DOCUMENT_TEXTS[input.language];
  const sheet = new Sheet(fonts, {
    ...{ size: paperOf(seller), lang: input.language, atMs: input.atMs, mark },
    title: (name === title ? title : `${title} ${name}`).replaceAll(/[&<>]/g, ' ').trimEnd(),
    foot: {
      ...{ text: footer, pageOf: words.page },
      name: [seller.legalName, name].filter((part) => part !== null && part !== '').join(' \u00b7 '),
    },
  });
  refuseUndrawable(sheet, input, '');
  return sheet;
}

/** Looks at every text of the input, so that the refusal names the field. */
function refuseUndrawable(sheet: Sheet, value: unknown, path: string): void {
  if (typeof value === 'string') {
    const missing = sheet.missing(value);
    if (missing.length > 0) throw missingCharacters(missing, path);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, part] of Object.entries(value)) {
      if (!UNDRAWN.has(key)) refuseUndrawable(sheet, part, path === '' ? key : `${path}.${key}`);
    }
  }
}

/** Members whose texts are not drawn, or that have none. */
const UNDRAWN = new Set(['usage', 'chart', 'facturX', 'billTo', 'description', 'rejection']);
