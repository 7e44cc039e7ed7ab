/** What pdftotext of poppler reads from a document. */

import { execFileSync } from 'node:child_process';

export interface Word {
  readonly page: number;
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PageBox {
  readonly width: number;
  readonly height: number;
}

/** The text in its layout, with plain spaces. */
export function layoutText(pdf: Uint8Array): string {
  return pdftotext(pdf, '-layout').replaceAll('\u00a0', ' ');
}

/** Each word with its bounding box, in points from the upper left corner of its page. */
export function wordsOf(pdf: Uint8Array): {
  readonly pages: readonly PageBox[];
  readonly words: readonly Word[];
} {
  const pages: PageBox[] = [];
  const words: Word[] = [];
  for (const line of pdftotext(pdf, '-bbox').split('\n')) {
    const page = /<page width="([\d.]+)" height="([\d.]+)"/.exec(line);
    if (page !== null) pages.push({ width: Number(page[1]), height: Number(page[2]) });
    const word =
      /<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)<\/word>/.exec(line);
    if (word === null) continue;
    const [left, top, right, bottom] = word.slice(1, 5).map(Number) as [number, number, number, number];
    words.push({ page: pages.length, text: word[5]!, left, top, right, bottom });
  }
  return { pages, words };
}

function pdftotext(pdf: Uint8Array, option: '-layout' | '-bbox'): string {
  return execFileSync('pdftotext', [option, '-', '-'], { input: pdf, encoding: 'utf8', maxBuffer: 2 ** 26 });
}
