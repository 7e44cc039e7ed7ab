/** The Worker as wrangler would upload it, bundled without the network. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/** As `wrangler.toml` has it. */
export const RUNTIME = {
  compatibilityDate: '2026-04-20',
  compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
};

/** Without these it asks Cloudflare for a sample request, and sends word of its use. */
const OFFLINE = {
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
} as const;

export interface WorkerBundle {
  /** Holds `worker.js`. */
  readonly folder: string;
  /** What an upload takes, compressed by gzip, in KiB, as wrangler counts it. */
  readonly gzipKib: number;
  remove(): Promise<void>;
}

export interface BundleOptions {
  /** In place of the Worker that `wrangler.toml` names. */
  readonly script?: string | undefined;
  /** In place of `wrangler.toml`. */
  readonly settings?: string;
}

/** Throws with wrangler's words where it cannot be bundled. */
export async function bundleWorker({ script, settings }: BundleOptions = {}): Promise<WorkerBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-worker-'));
  const named = [...(script ? [script] : []), ...(settings ? ['--config', settings] : [])];
  const args = [WRANGLER, 'deploy', ...named, '--dry-run', '--minify', '--outdir', folder];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...OFFLINE };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  const size = /gzip: ([\d.]+) KiB/.exec(stdout)?.[1];
  if (size === undefined) throw new Error(`wrangler does not say how large the bundle is:\n${stdout}`);
  return { folder, gzipKib: Number(size), remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Bundles a Worker of the tests without what `wrangler.toml` binds: wrangler refuses one that lacks the classes of the
 * product's objects.
 */
export async function bundleAlone(script: string): Promise<WorkerBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-settings-'));
  const settings = join(folder, 'wrangler.json');
  const { compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags } = RUNTIME;
  const config = { name: 'alone', main: script, compatibility_date, compatibility_flags };
  await writeFile(settings, JSON.stringify(config));
  try {
    return await bundleWorker({ settings });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
