/** A Worker that draws the sample documents. The request's body has the fonts in base64. */

import type { DocumentFonts } from '../../src/document/input.ts';
import { renderPdf } from '../../src/document/pdf/render.ts';
import { sampleInputs } from '../document/pdf/samples.ts';

export interface EncodedFonts {
  readonly regular: readonly string[];
  readonly bold: readonly string[];
}

export default {
  async fetch(request: Request): Promise<Response> {
    const encoded = (await request.json()) as EncodedFonts;
    const fonts: DocumentFonts = {
      regular: encoded.regular.map(bytesOf),
      bold: encoded.bold.map(bytesOf),
    };
    const name = new URL(request.url).pathname.slice(1);
    return new Response((await renderPdf(sampleInputs()[name]!, fonts)) as Uint8Array<ArrayBuffer>);
  },
};

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
