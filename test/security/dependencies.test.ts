/** Tests the dependency checks of CI against faulty lock files and a registry with every kind of answer. */

import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postmeter-dependencies-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock file', () => {
  const check = (changed: { manifest?: object; lock?: object } = {}) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(changed.manifest ?? manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(changed.lock ?? lock));
    const script = join(ROOT, '.ci/dependencies.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    return { status, stdout };
  };
  const withPino = (change: object) => ({
    lock: {
      ...lock,
      packages: {
        ...lock.packages,
        'node_modules/pino': { ...lock.packages['node_modules/pino'], ...change },
      },
    },
  });

  test('of this project has a hash for every package, exact versions, and only reviewed scripts', () => {
    const { status, stdout } = check();
    expect(stdout).toMatch(/^dependencies: \d{3} packages are as they should be\n$/);
    expect(status).toBe(0);
  });

  test.each([
    ['no SHA-512', withPino({ integrity: undefined })],
    ['no SHA-512', withPino({ integrity: `sha1-${'A'.repeat(27)}=` })],
    ['comes from git', withPino({ resolved: 'git+ssh://git@host/pino.git#abc' })],
    ['comes from http:', withPino({ resolved: 'http://host/pino.tgz' })],
    ['runs a script', withPino({ hasInstallScript: true })],
    ['runs a script', withPino({ hasInstallScript: true, dev: true })],
    ['is a link', withPino({ link: true })],
    ['no exact version', withPino({ version: 'latest' })],
    [
      'not pinned',
      { manifest: { ...manifest, dependencies: { ...manifest.dependencies, pino: '^10.4.0' } } },
    ],
    [
      'not pinned',
      { manifest: { ...manifest, dependencies: { ...manifest.dependencies, pino: 'github:a/b' } } },
    ],
    [
      'another one',
      { manifest: { ...manifest, dependencies: { ...manifest.dependencies, pino: '10.3.0' } } },
    ],
  ])('with a fault is reported: %s', (message, changed) => {
    const { status, stdout } = check(changed);
    expect(stdout).toContain(message);
    expect(stdout).toContain('pino');
    expect(status).toBe(1);
  });
});

describe('the audit', () => {
  type Answer = { readonly status: number; readonly body: unknown };
  let registry: Origin;
  let answer: Answer;
  beforeAll(async () => {
    registry = await startOrigin((request, response) => {
      const isAdvisories = request.url!.includes('/advisories/');
      const { status, body } = isAdvisories ? answer : { status: 404, body: {} };
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(ROOT, file), join(folder, file));
  });
  afterAll(() => registry.stop());

  const audited = (given: Answer) => {
    answer = given;
    return new Promise<{ status: number | null; said: string }>((resolve) => {
      const env = {
        ...process.env,
        npm_config_registry: `${registry.url}/`,
        // npm caches its earlier result.
        npm_config_cache: mkdtempSync(join(folder, 'cache-')),
        npm_config_fetch_retries: '0',
      };
      const child = execFile(
        process.execPath,
        [join(ROOT, '.ci/audit.mjs')],
        { cwd: folder, env },
        (_error, said) => resolve({ status: child.exitCode, said }),
      );
    });
  };
  const advisory = (severity: string) => ({
    pino: [
      {
        id: 1,
        url: 'about:blank',
        title: 'made up',
        severity,
        vulnerable_versions: '<99',
        cwe: [],
        cvss: {},
      },
    ],
  });

  test('that finds nothing lets CI continue', async () => {
    const { status, said } = await audited({ status: 200, body: {} });
    expect(said).toContain('0 known vulnerabilities');
    expect(status).toBe(0);
  });

  test.each(['high', 'critical'])('that finds one of level %s ends CI', async (severity) => {
    const { status, said } = await audited({ status: 200, body: advisory(severity) });
    expect(said).toContain(`${severity}: pino`);
    expect(status).toBe(1);
  });

  test('that finds one of a lower level reports it', async () => {
    const { status, said } = await audited({ status: 200, body: advisory('moderate') });
    expect(said).toContain('moderate: pino');
    expect(status).toBe(0);
  });

  test.each([405, 404, 500])('that gets the answer %d reports that it was not done', async (code) => {
    const { status, said } = await audited({ status: code, body: { error: 'no' } });
    expect(said).toContain('NOT DONE');
    expect(said).not.toContain('127.0.0.1');
    expect(status).toBe(0);
  });
});
