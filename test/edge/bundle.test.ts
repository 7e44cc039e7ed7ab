/** The size and the version of the Worker's bundle. */

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { VERSION } from '../../src/entry/edge/version.ts';
import { bundleWorker, ROOT } from '../support/edge/bundle.ts';

/** Cloudflare's limit on the free plan is 3 MiB. A small bundle starts faster. The console, alerts and charts take some 200 KB. */
const MAX_KB = 900;

it(`the bundle is smaller than ${MAX_KB} KB, compressed`, () => {
  const kilobytes = (inject('workerGzipKib') * 1024) / 1000;
  expect(kilobytes).toBeGreaterThan(0);
  expect(kilobytes).toBeLessThan(MAX_KB);
});

it('the bundle has the version of the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});

it('the bundle includes the configuration file that wrangler.toml names', async () => {
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
