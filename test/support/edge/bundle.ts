/** Bundles the Worker as wrangler uploads it, without the network. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/** The values of `wrangler.toml`. */
export const RUNTIME = {
  compatibilityDate: '2026-04-20',
  compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
};

/** Prevents wrangler from calling Cloudflare for a sample request and for telemetry. */
const OFFLINE = {
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
} as const;

export interface WorkerBundle {
  /** Contains `worker.js`. */
  readonly folder: string;
  /** Size of the upload, compressed by gzip, in KiB, as wrangler reports it. */
  readonly gzipKib: number;
  remove(): Promise<void>;
}

export interface BundleOptions {
  /** Replaces the Worker that `wrangler.toml` names. */
  readonly script?: string | undefined;
  /** Replaces `wrangler.toml`. */
  readonly settings?: string;
}

/** Throws with wrangler's message if bundling fails. */
export async function bundleWorker({ script, settings }: BundleOptions = {}): Promise<WorkerBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-worker-'));
  const named = [...(script ? [script] : []), ...(settings ? ['--config', settings] : [])];
  const args = [WRANGLER, 'deploy', ...named, '--dry-run', '--minify', '--outdir', folder];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...OFFLINE };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  const size = /gzip: ([\d.]+) KiB/.exec(stdout)?.[1];
  if (size === undefined) throw new Error(`wrangler does not report the size of the bundle:\n${stdout}`);
  return { folder, gzipKib: Number(size), remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Bundles a test's Worker without the bindings of `wrangler.toml`, because wrangler refuses a Worker that lacks the classes
 * of the product's objects.
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
