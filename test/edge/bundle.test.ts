/** What an upload of the Worker takes, and what it says of itself. */

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { VERSION } from '../../src/entry/edge/version.ts';
import { bundleWorker, ROOT } from '../support/edge/bundle.ts';

/** Cloudflare takes 3 MiB of the free plan; a small one starts sooner. */
const MAX_KB = 500;

it(`is under ${MAX_KB} KB, compressed`, () => {
  const kilobytes = (inject('workerGzipKib') * 1024) / 1000;
  expect(kilobytes).toBeGreaterThan(0);
  expect(kilobytes).toBeLessThan(MAX_KB);
});

it('has the version of the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});

it('holds the configuration file where wrangler.toml says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-config-'));
  const file = join(folder, 'postmeter.config.json');
  await writeFile(file, JSON.stringify({ routes: [{ path: '/of-this-file/*', posts: [] }] }));
  const given = await readFile(join(ROOT, 'wrangler.toml'), 'utf8');
  const settings = join(folder, 'wrangler.toml');
  const changed = given
    .replace('# "#config" = "./postmeter.config.json"', `"#config" = ${JSON.stringify(file)}`)
    .replaceAll(/"(\.\/)?src\//g, `"${ROOT}/src/`);
  await writeFile(settings, changed);
  const bundle = await bundleWorker({ settings });
  try {
    expect(await readFile(join(bundle.folder, 'worker.js'), 'utf8')).toContain('/of-this-file/*');
  } finally {
    await bundle.remove();
    await rm(folder, { recursive: true, force: true });
  }
});
