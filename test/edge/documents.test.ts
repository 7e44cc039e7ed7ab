import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocumentFonts } from '../../src/adapters/node/documents/fonts.ts';
import type { DocumentFonts } from '../../src/document/input.ts';
import { renderPdf } from '../../src/document/pdf/render.ts';
import { sampleInputs } from '../document/pdf/samples.ts';
import { ROOT, RUNTIME } from '../support/edge/bundle.ts';

let fonts: DocumentFonts;
let miniflare: Miniflare;

beforeAll(async () => {
  fonts = await readDocumentFonts();
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'test/edge/documents-worker.ts')],
    ...{ bundle: true, write: false, format: 'esm', platform: 'neutral', mainFields: ['module', 'main'] },
    conditions: ['workerd', 'worker', 'browser'],
    // pdfkit resolves the name of its colour profile against it when it is loaded. workerd leaves it undefined.
    define: { 'import.meta.url': '"file:///worker.js"' },
  });
  miniflare = new Miniflare({
    ...RUNTIME,
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]!.text }],
    cf: false,
  });
  await miniflare.ready;
});
afterAll(() => miniflare.dispose());

describe('documents in workerd', () => {
  it.each(Object.entries(sampleInputs()))('have the bytes that Node draws: %s', async (name, input) => {
    const encoded = (list: readonly Uint8Array[]) => list.map((one) => Buffer.from(one).toString('base64'));
    const body = JSON.stringify({ regular: encoded(fonts.regular), bold: encoded(fonts.bold) });
    const response = await miniflare.dispatchFetch(`http://worker/${name}`, { method: 'POST', body });
    const drawn = Buffer.from(await response.arrayBuffer());
    expect(drawn.subarray(0, 8).toString()).toBe('%PDF-1.7');
    expect(Buffer.compare(drawn, await renderPdf(input, fonts))).toBe(0);
  });
});
