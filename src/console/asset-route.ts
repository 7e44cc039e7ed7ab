/** Serves the stylesheet and the script of the console, which are part of the program. */

import type { AdminApp } from '../admin/deps.ts';
import { CSS, CSS_HASH, JS, JS_HASH } from './assets.ts';

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

/** A changed asset has another path, so browsers keep each one for ever. */
export const ASSETS = {
  css: { path: `/assets/console-${CSS_HASH}.css`, type: 'text/css; charset=utf-8', text: CSS },
  js: { path: `/assets/console-${JS_HASH}.js`, type: 'text/javascript; charset=utf-8', text: JS },
} as const satisfies Readonly<Record<string, Asset>>;

export function assetRoute(app: AdminApp): void {
  for (const asset of Object.values(ASSETS)) {
    app.get(asset.path, (c) => {
      const headers = { 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' };
      return c.body(asset.text, 200, headers);
    });
  }
}
