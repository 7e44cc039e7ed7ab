/** Starts `html-worker.ts` in workerd, and requests both counts of a page. */

import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { bundleAlone, ROOT, RUNTIME } from '../support/edge/bundle.ts';
import type { RewriterEntry } from './html-rewriter.ts';
import type { PageAnswer, PageAsked } from './html-worker.ts';

const UTF_8 = 'text/html; charset=utf-8';

export interface PageToCount extends RewriterEntry {
  readonly page: string | Uint8Array;
  /** Default `text/html; charset=utf-8`. */
  readonly contentType?: string;
  /** True if the upstream aborts after the page. */
  readonly isCut?: boolean;
}

export interface HtmlRig {
  count(page: PageToCount): Promise<PageAnswer>;
  stop(): Promise<void>;
}

export async function startHtmlRig(): Promise<HtmlRig> {
  const bundle = await bundleAlone(join(ROOT, 'test/edge/html-worker.ts'));
  const miniflare = new Miniflare({
    ...RUNTIME,
    modulesRoot: bundle.folder,
    modules: [{ type: 'ESModule', path: join(bundle.folder, 'html-worker.js') }],
    cf: false,
    host: '127.0.0.1',
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  });
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL();
  return {
    count: async (page) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(asked(page)) });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as PageAnswer;
    },
    stop: async () => {
      await miniflare.dispose();
      await bundle.remove();
    },
  };
}

function asked({ page, contentType = UTF_8, isCut = false, ...entry }: PageToCount): PageAsked {
  return { ...entry, contentType, isCut, body: Buffer.from(page).toString('base64') };
}
