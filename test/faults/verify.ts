/** Runs `postmeter verify` in its own process. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Site } from './site.ts';

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));

/** Returns its findings, one per line, or an empty list if there is no difference. Throws if it could not verify. */
export function differences(site: Site): Promise<string[]> {
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: site.databaseUrl,
    POSTMETER_CONFIG: join(site.gateways[0]!.dataDir, 'test.config.json'),
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, 'verify', '--format', 'json'], { env }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) return reject(new Error(stderr || stdout, { cause: error }));
      resolve(stdout.split('\n').filter((line) => line.startsWith('{"finding"')));
    });
  });
}
