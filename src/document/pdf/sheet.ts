/**
 * Pages and text over pdfkit. Content flows down from `y`; each piece of text belongs to an element of the structure,
 * and everything else is an artifact. pdfkit breaks neither lines nor pages, because each piece is placed.
 */

import PDFDocument from 'pdfkit';
import type { DocumentFonts } from '../input.ts';
import { collectedBytes } from './collect.ts';
import { FontSet } from './fonts.ts';
import { drawFoot, drawMark, type Foot } from './frame.ts';
import {
  BODY,
  FOOTER,
  GAP,
  HAIRLINE,
  heightOf,
  MARGIN_BOTTOM,
  MARGIN_TOP,
  MARGIN_X,
  type TextStyle,
} from './theme.ts';
import { wrapText } from './wrap.ts';

export type Element = PDFKit.PDFStructureElement;
export type Align = 'left' | 'right';

export interface SheetOptions {
  readonly size: 'A4' | 'LETTER';
  readonly lang: string;
  /** Must be free of `&` and `<`, because pdfkit does not escape it in the metadata. */
  readonly title: string;
  readonly atMs: number;
  /** Drawn across every page; null: none. */
  readonly mark: string | null;
  readonly foot: Omit<Foot, 'lines'> & { readonly text: string };
}

export interface TextOptions {
  readonly style?: TextStyle;
  readonly tag?: string;
  readonly x?: number;
  readonly width?: number;
  readonly align?: Align;
  /** Space below. */
  readonly gap?: number;
}

export class Sheet {
  /** Distance from the upper edge of the page. */
  y = 0;
  readonly left = MARGIN_X;
  /** The highest position of content on a page. */
  readonly top = MARGIN_TOP;
  readonly root: Element;
  readonly doc: PDFKit.PDFDocument;
  readonly #fonts: FontSet;
  readonly #foot: Foot;
  readonly #bytes: Promise<Uint8Array>;

  readonly #mark: string | null;

  constructor(fonts: DocumentFonts, options: SheetOptions) {
    this.#mark = options.mark;
    this.doc = new PDFDocument({
      ...{ subset: 'PDF/A-3a', pdfVersion: '1.7', tagged: true, lang: options.lang, displayTitle: true },
      ...{ compress: false, bufferPages: true, autoFirstPage: false, size: options.size, margin: 0 },
      font: null as unknown as string,
      info: { Title: options.title, Creator: 'Postmeter', CreationDate: new Date(options.atMs) },
    });
    this.#bytes = collectedBytes(this.doc);
    this.#fonts = new FontSet(fonts, (name, font) => {
      this.doc.registerFont(name, font as unknown as PDFKit.Mixins.PDFFontSource);
    });
    this.root = this.doc.struct('Document');
    this.doc.addStructure(this.root);
    this.doc.addPage();
    const { text, ...foot } = options.foot;
    this.#foot = { ...foot, lines: text === '' ? [] : this.lines(text, FOOTER, this.width) };
    this.#startPage();
  }

  get width(): number {
    return this.doc.page.width - 2 * MARGIN_X;
  }

  /** The lowest position of content on a page. */
  get bottom(): number {
    return this.doc.page.height - MARGIN_BOTTOM - this.#foot.lines.length * heightOf(FOOTER);
  }

  newPage(): void {
    this.doc.addPage();
    this.#startPage();
  }

  /** Begins a new page unless `height` fits on this one. Returns true if it did. */
  ensure(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.newPage();
    return true;
  }

  lines(text: string, style: TextStyle, width: number): string[] {
    return wrapText(cleaned(text), width, (part) => this.widthOf(part, style));
  }

  widthOf(text: string, style: TextStyle): number {
    let width = 0;
    for (const run of this.#fonts.runs(text, style.weight)) {
      width += this.doc.font(run.font).fontSize(style.size).widthOfString(run.text);
    }
    return width;
  }

  missing(text: string): string[] {
    return this.#fonts.missing(cleaned(text));
  }

  /** Adds an element of the structure, for content that is drawn later. */
  element(parent: Element, tag: string, options: object = {}): Element {
    const element = this.doc.struct(tag, options);
    parent.add(element);
    return element;
  }

  /** Draws text that flows over pages, and moves `y` below it. */
  text(parent: Element, text: string, options: TextOptions = {}): void {
    const { style = BODY, tag = 'P', x = this.left, width = this.width, align = 'left', gap = GAP } = options;
    const element = this.element(parent, tag);
    const rest = this.lines(text, style, width);
    const height = heightOf(style);
    while (rest.length > 0) {
      this.ensure(height);
      const count = Math.max(1, Math.floor((this.bottom - this.y) / height));
      const here = rest.splice(0, count);
      element.add(() => this.drawLines(here, style, x, this.y, width, align));
      this.y += here.length * height;
    }
    element.end();
    this.y += gap;
  }

  /** Draws lines from `y` down. Must be called inside of an element's content or of an artifact. */
  drawLines(
    lines: readonly string[],
    style: TextStyle,
    x: number,
    y: number,
    width: number,
    align: Align = 'left',
  ): void {
    this.doc.fillColor(style.color);
    lines.forEach((line, index) => {
      let at = align === 'left' ? x : x + width - this.widthOf(line, style);
      for (const run of this.#fonts.runs(line, style.weight)) {
        this.doc.font(run.font).fontSize(style.size);
        this.doc.text(run.text, at, y + index * heightOf(style), { lineBreak: false });
        at += this.doc.widthOfString(run.text);
      }
    });
  }

  /** Draws what is not content: rules, tints, page numbers. */
  artifact(type: 'Layout' | 'Pagination', draw: () => void): void {
    this.doc.markContent('Artifact', { type });
    draw();
    this.doc.endMarkedContent();
  }

  rule(x = this.left, width = this.width, color = HAIRLINE, thickness = 0.6): void {
    this.artifact('Layout', () => {
      this.doc.lineWidth(thickness).strokeColor(color);
      this.doc
        .moveTo(x, this.y)
        .lineTo(x + width, this.y)
        .stroke();
    });
  }

  box(x: number, y: number, width: number, height: number, color: string): void {
    this.artifact('Layout', () => {
      this.doc.rect(x, y, width, height).fill(color);
    });
  }

  /** Draws the feet of all pages and returns the file. The sheet must not be used afterwards. */
  async finish(): Promise<Uint8Array> {
    this.root.end();
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.doc.switchToPage(page);
      this.artifact('Pagination', () => drawFoot(this, this.#foot, page + 1, count));
    }
    this.doc.end();
    return this.#bytes;
  }

  #startPage(): void {
    this.y = this.top;
    const mark = this.#mark;
    if (mark !== null) this.artifact('Pagination', () => drawMark(this, mark));
  }
}

/** Composes characters, removes the carriage returns that forms send, and replaces tabs. */
function cleaned(text: string): string {
  return text.normalize('NFC').replaceAll('\r', '').replaceAll('\t', ' ');
}
