/** The stylesheet and the script of the console, as part of the program. `npm run assets` writes them. */

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const path = (file: string) => fileURLToPath(new URL(`../../src/console/${file}`, import.meta.url));
const MAX_CSS_GZIP = 10_000;
const MAX_JS_GZIP = 14_000;

async function bundled(file: string): Promise<string> {
  const built = await build({
    entryPoints: [path(file)],
    ...{
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: ['es2022', 'chrome123', 'safari17.5'],
    },
  });
  return built.outputFiles[0]!.text.trim();
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

it('src/console/assets.ts has the stylesheet and the script as esbuild bundles them', async () => {
  const css = await bundled('console.css');
  const js = await bundled('islands/main.ts');
  expect(gzipSync(css).length).toBeLessThan(MAX_CSS_GZIP);
  expect(gzipSync(js).length).toBeLessThan(MAX_JS_GZIP);
  const text = [
    '/** The bundled stylesheet and script of the console. Written by `npm run assets`; do not edit. */',
    '',
    `export const CSS_HASH = '${hash(css)}';`,
    `export const JS_HASH = '${hash(js)}';`,
    `export const CSS =\n  ${JSON.stringify(css)};`,
    `export const JS =\n  ${JSON.stringify(js)};`,
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot(path('assets.ts'));
});
