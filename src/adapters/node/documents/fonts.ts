/** Reads the fonts of documents from the package @fontsource/noto-sans, wherever npm has installed it. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { DocumentFonts } from '../../../document/input.ts';
import { sfntOf } from '../../../document/woff.ts';

/** In order of preference. Latin has the signs that all languages share. */
const SCRIPTS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese', 'cyrillic-ext', 'greek-ext'];

/** @throws Error with the code ENOENT or MODULE_NOT_FOUND if the package is not installed */
export async function readDocumentFonts(): Promise<DocumentFonts> {
  const [regular, bold] = await Promise.all([readWeight(400), readWeight(700)]);
  return { regular, bold };
}

function readWeight(weight: 400 | 700): Promise<Uint8Array[]> {
  const folder = dirname(createRequire(import.meta.url).resolve('@fontsource/noto-sans/package.json'));
  return Promise.all(
    SCRIPTS.map(async (script) => {
      const file = join(folder, 'files', `noto-sans-${script}-${weight}-normal.woff`);
      return sfntOf(await readFile(file), (bytes) => inflateSync(bytes));
    }),
  );
}
