/** Sizes, colours and margins of pages, in points. */

import type { Weight } from './fonts.ts';

export interface TextStyle {
  readonly size: number;
  readonly weight: Weight;
  readonly color: string;
}

export const INK = '#1b1f27';
export const MUTED = '#5b6472';
export const ACCENT = '#1f3a5f';
export const HAIRLINE = '#c9ced6';
export const TINT = '#f1f4f8';
export const ALERT = '#a4262c';
export const SHADE = '#f6dada';
export const UNMETERED = '#e1e4e9';

export const BODY: TextStyle = { size: 9, weight: 'regular', color: INK };
export const STRONG: TextStyle = { size: 9, weight: 'bold', color: INK };
export const SMALL: TextStyle = { size: 8, weight: 'regular', color: INK };
export const LABEL: TextStyle = { size: 8, weight: 'regular', color: MUTED };
export const COLUMN_HEAD: TextStyle = { size: 8, weight: 'bold', color: MUTED };
export const SECTION_HEADING: TextStyle = { size: 11, weight: 'bold', color: ACCENT };
export const TITLE: TextStyle = { size: 17, weight: 'bold', color: ACCENT };
export const AMOUNT: TextStyle = { size: 20, weight: 'bold', color: ACCENT };
export const FOOTER: TextStyle = { size: 7.5, weight: 'regular', color: MUTED };
export const DRAFT_MARK: TextStyle = { size: 58, weight: 'bold', color: '#e3e6ea' };

/** Height of a line by its font size: ascent and descent of Noto Sans. */
const LINE_HEIGHT = 1.362;

export function heightOf(style: TextStyle): number {
  return style.size * LINE_HEIGHT;
}

export const MARGIN_X = 56;
export const MARGIN_TOP = 50;
/** From the lower edge of the page to the last line of the text, without the seller's footer. */
export const MARGIN_BOTTOM = 64;
/** Space after a paragraph, and before a section. */
export const GAP = 5;
export const SECTION_GAP = 14;
