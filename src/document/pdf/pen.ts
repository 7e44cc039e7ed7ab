/** What the sections of a document draw with: the sheet, the words, and the numbering of sections. */

import type { Language } from '../../seller/language.ts';
import { numberText } from '../format.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import type { DocumentTexts } from '../texts/texts.ts';
import type { Element, Sheet } from './sheet.ts';
import { heightOf, SECTION_GAP, SECTION_HEADING } from './theme.ts';

export interface Pen {
  readonly sheet: Sheet;
  readonly language: Language;
  readonly texts: DocumentTexts;
  /** Begins a numbered section and returns its element. `kept`: height that stays on the page of the heading. */
  readonly section: (title: string, kept?: number) => Element;
}

/** Least space below a heading on the same page. */
const KEPT_WITH_HEADING = 48;

export function createPen(sheet: Sheet, language: Language): Pen {
  const texts = DOCUMENT_TEXTS[language];
  let sections = 0;
  return {
    ...{ sheet, language, texts },
    section(title, kept = KEPT_WITH_HEADING) {
      sections += 1;
      sheet.y += SECTION_GAP;
      sheet.ensure(heightOf(SECTION_HEADING) + kept);
      const section = sheet.element(sheet.root, 'Sect');
      const text = `${numberText(sections, texts.signs)}. ${title}`;
      sheet.text(section, text, { style: SECTION_HEADING, tag: 'H2', gap: 4 });
      return section;
    },
  };
}
