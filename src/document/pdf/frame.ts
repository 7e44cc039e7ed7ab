/** What each page has besides its content: the mark of a draft, and the foot. Drawn inside of artifacts. */

import { DRAFT_MARK, FOOTER, HAIRLINE, heightOf, type TextStyle } from './theme.ts';

/** The part of a sheet that frames need. */
interface FramedSheet {
  readonly doc: PDFKit.PDFDocument;
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
  lines(text: string, style: TextStyle, width: number): string[];
  widthOf(text: string, style: TextStyle): number;
  drawLines(
    lines: readonly string[],
    style: TextStyle,
    x: number,
    y: number,
    width: number,
    align?: 'left' | 'right',
  ): void;
}

export interface Foot {
  /** Lines above the page number. */
  readonly lines: readonly string[];
  /** Beside the page number; cut if it is wider than the line. */
  readonly name: string;
  readonly pageOf: (page: number, pages: number) => string;
}

/** Part of the page's diagonal that a mark may cover. */
const MARK_SHARE = 0.8;
const FOOT_GAP = 14;

/** Writes the mark diagonally across the page. */
export function drawMark(sheet: FramedSheet, mark: string): void {
  const { doc } = sheet;
  const { width, height } = doc.page;
  const angle = (Math.atan2(height, width) * 180) / Math.PI;
  const fitting =
    (MARK_SHARE * Math.hypot(width, height) * DRAFT_MARK.size) / sheet.widthOf(mark, DRAFT_MARK);
  const style = { ...DRAFT_MARK, size: Math.min(DRAFT_MARK.size, fitting) };
  doc.save().rotate(-angle, { origin: [width / 2, height / 2] });
  const x = (width - sheet.widthOf(mark, style)) / 2;
  sheet.drawLines([mark], style, x, (height - heightOf(style)) / 2, width);
  doc.restore();
}

export function drawFoot(sheet: FramedSheet, foot: Foot, page: number, pages: number): void {
  const { doc, left, width } = sheet;
  const number = foot.pageOf(page, pages);
  const top = sheet.bottom + FOOT_GAP;
  doc.lineWidth(0.6).strokeColor(HAIRLINE);
  doc
    .moveTo(left, top - 6)
    .lineTo(left + width, top - 6)
    .stroke();
  sheet.drawLines(foot.lines, FOOTER, left, top, width);
  const y = top + foot.lines.length * heightOf(FOOTER);
  const [name] = sheet.lines(foot.name, FOOTER, width - sheet.widthOf(number, FOOTER) - FOOT_GAP);
  sheet.drawLines([name ?? ''], FOOTER, left, y, width);
  sheet.drawLines([number], FOOTER, left, y, width, 'right');
}
