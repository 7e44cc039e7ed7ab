/** What an upload of the Worker takes, and what it says of itself. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { VERSION } from '../../src/entry/edge/version.ts';
import { ROOT } from './bundle.ts';

/** Cloudflare takes 3 MiB of the free plan; a small one starts sooner. */
const MOST_KB = 500;

it(`is under ${MOST_KB} KB, compressed`, () => {
  const kilobytes = (inject('workerGzipKib') * 1024) / 1000;
  expect(kilobytes).toBeGreaterThan(0);
  expect(kilobytes).toBeLessThan(MOST_KB);
});

it('has the version of the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});
