/**
 * The fonts of one document. Each character is drawn by the first font that has it. Fonts are opened when a character
 * needs them, once per document: fontkit keeps code points in cached glyphs, so a shared font would make the bytes of a
 * document depend on those drawn before.
 */

import { create, type Font } from 'fontkit';
import type { DocumentFonts } from '../input.ts';
import { missingCharacters } from './missing-characters.ts';

export type Weight = keyof DocumentFonts;

/** A part of a text that one font draws. */
export interface FontRun {
  /** Name of the font in the document. */
  readonly font: string;
  readonly text: string;
}

export class FontSet {
  readonly #opened = new Map<string, Font>();
  readonly #fontOf: Record<Weight, Map<string, number | null>> = { regular: new Map(), bold: new Map() };

  readonly #fonts: DocumentFonts;
  readonly #onOpen: (name: string, font: Font) => void;

  /** @param onOpen registers a font under its name in the document */
  constructor(fonts: DocumentFonts, onOpen: (name: string, font: Font) => void) {
    this.#fonts = fonts;
    this.#onOpen = onOpen;
  }

  /** Splits a text into runs. Throws DocumentError for a character that no font has; see `missing`. */
  runs(text: string, weight: Weight): FontRun[] {
    const runs: { index: number; text: string }[] = [];
    for (const char of text) {
      const index = this.#find(char, weight);
      if (index === null) throw missingCharacters([char], 'text');
      const last = runs.at(-1);
      if (last?.index === index) last.text += char;
      else runs.push({ index, text: char });
    }
    return runs.map((run) => ({ font: nameOf(weight, run.index), text: run.text }));
  }

  /** The different characters of a text that no font has, in their order. */
  missing(text: string): string[] {
    return [...new Set(text)].filter(
      (char) => char !== '\n' && (this.#find(char, 'regular') === null || this.#find(char, 'bold') === null),
    );
  }

  #find(char: string, weight: Weight): number | null {
    const known = this.#fontOf[weight];
    let index = known.get(char);
    if (index === undefined) {
      const point = char.codePointAt(0)!;
      const found = isControl(point)
        ? -1
        : this.#fonts[weight].findIndex((_, at) => this.#open(weight, at).hasGlyphForCodePoint(point));
      index = found < 0 ? null : found;
      known.set(char, index);
    }
    return index;
  }

  #open(weight: Weight, index: number): Font {
    const name = nameOf(weight, index);
    let font = this.#opened.get(name);
    if (font === undefined) {
      font = create(this.#fonts[weight][index]! as Buffer) as Font;
      this.#opened.set(name, font);
      this.#onOpen(name, font);
    }
    return font;
  }
}

function nameOf(weight: Weight, index: number): string {
  return `${weight}-${index}`;
}

/** C0 and C1 controls and lone surrogates. Fonts may map some of them to empty glyphs. */
function isControl(point: number): boolean {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0xd800 && point <= 0xdfff);
}
