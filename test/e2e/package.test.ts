/** The package as npm packs it: its command, its types and its documents work in an empty folder. */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/edge/bundle.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';

const run = promisify(execFile);
let folder: string;
let unpacked: string;

/** Packs, and unpacks beside the dependencies of this repository, as an installation would place it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-package-'));
  // The tests have built dist/ already.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: ROOT, maxBuffer: 16e6 });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run('tar', ['xzf', join(folder, filename), '-C', folder]);
  await mkdir(join(folder, 'node_modules'));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    const place = join(folder, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), place);
  }
  unpacked = join(folder, 'node_modules', 'postmeter');
  await run('mv', [join(folder, 'package'), unpacked]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('it is public, and has its command, its migrations and its documents', async () => {
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  expect(manifest.private).toBeUndefined();
  const { stdout } = await run(process.execPath, [join(unpacked, manifest.bin.postmeter), '--version'], {
    cwd: folder,
  });
  expect(stdout.trim()).toBe(manifest.version);
  expect(readdirSync(join(unpacked, 'drizzle'))).toEqual(readdirSync(join(ROOT, 'drizzle')));
  expect(readdirSync(unpacked)).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'docs', 'deploy']));
  expect(existsSync(join(unpacked, 'src'))).toBe(false);
});

test('its command finds its migrations from an empty folder', async () => {
  const database = await freshDatabase('package');
  try {
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
    const args = [join(unpacked, 'dist/entry/cli.js'), 'migrate'];
    const { stdout } = await run(process.execPath, args, { cwd: folder, env });
    expect(stdout).toMatch(/the tables are up to date|tables were up to date/);
  } finally {
    await database.drop();
  }
});

test('its types check a configuration in TypeScript', async () => {
  const program = `import { parseConfig, type ConfigResult } from 'postmeter';
const result: ConfigResult = parseConfig('{"routes":[]}');
export const seconds: number = result.ok ? result.config.listen.drainSeconds : 0;
// @ts-expect-error A number is not a configuration.
parseConfig(1);
`;
  await writeFile(join(folder, 'program.mts'), program);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node'];
  await run(process.execPath, [tsc, ...flags, 'program.mts'], { cwd: folder }).catch((error) => {
    throw new Error(error.stdout, { cause: error });
  });
});
