/** Starts `html-worker.ts` in workerd, and asks it for both counts of a page. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';
import { OFFLINE, ROOT } from './bundle.ts';
import type { RewriterEntry } from './html-rewriter.ts';
import type { PageAnswer, PageAsked } from './html-worker.ts';

const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
const UTF_8 = 'text/html; charset=utf-8';
const RUNTIME = { compatibilityDate: '2026-04-20', compatibilityFlags: ['nodejs_compat'] };

export interface PageToCount extends RewriterEntry {
  readonly page: string | Uint8Array;
  /** `text/html; charset=utf-8` where nothing is said. */
  readonly contentType?: string;
  /** The upstream breaks off after the page. */
  readonly isCut?: boolean;
}

export interface HtmlRig {
  count(page: PageToCount): Promise<PageAnswer>;
  stop(): Promise<void>;
}

export async function startHtmlRig(): Promise<HtmlRig> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-html-'));
  await bundle(folder);
  const miniflare = new Miniflare({
    ...RUNTIME,
    modules: true,
    modulesRoot: join(folder, 'bundle'),
    scriptPath: join(folder, 'bundle', 'html-worker.js'),
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
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** With a configuration of its own: this Worker has no objects. */
async function bundle(folder: string): Promise<void> {
  const config = join(folder, 'wrangler.json');
  const main = join(ROOT, 'test/edge/html-worker.ts');
  const { compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags } = RUNTIME;
  await writeFile(config, JSON.stringify({ name: 'html', main, compatibility_date, compatibility_flags }));
  const args = [WRANGLER, 'deploy', '--dry-run', '--config', config, '--outdir', join(folder, 'bundle')];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...OFFLINE } });
}

function asked({ page, contentType = UTF_8, isCut = false, ...entry }: PageToCount): PageAsked {
  return { ...entry, contentType, isCut, body: Buffer.from(page).toString('base64') };
}
