import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/edge/bundle.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { freePort } from '../support/services/free-port.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { freshRedis } from '../support/services/fresh-redis.ts';

let folder: string;
let origin: Origin;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-doctor-'));
  origin = await startScriptedOrigin((_url, response) => response.writeHead(200).end());
});
afterAll(async () => {
  await origin.stop();
  await rm(folder, { recursive: true });
});

interface Findings {
  readonly findings: { readonly subject: string; readonly severity: string; readonly text: string }[];
}

/** Calls `postmeter doctor` with this environment alone. */
function doctor(env: Record<string, string>): Promise<{ code: number; found: Map<string, string> }> {
  const args = [join(ROOT, 'dist/entry/cli.js'), 'doctor', '--format', 'json'];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { PATH: process.env.PATH, ...env } },
      (error, stdout) => {
        if (stdout === '') return reject(error ?? new Error('no output'));
        const { findings } = JSON.parse(stdout) as Findings;
        const found = new Map(
          findings.map(({ subject, severity, text }) => [subject, `${severity}: ${text}`]),
        );
        resolve({ code: Number(error?.code ?? 0), found });
      },
    );
  });
}

test('it finds the stores and the platform of this environment, and no fault', async () => {
  const [database, redis] = await Promise.all([freshDatabase('doctor'), freshRedis()]);
  try {
    const configFile = join(folder, 'config.json');
    await writeFile(configFile, JSON.stringify({ platform: 'x', listen: { maxConnections: 100 } }));
    const { code, found } = await doctor({
      ...{ DATABASE_URL: database.url, REDIS_URL: redis.url, POSTMETER_CONFIG: configFile },
      ...{ UPSTREAM: origin.url, DATA_DIR: join(folder, 'data') },
      ...{ ADMIN_TOKEN: '0123456789abcdef', POSTMETER_SECRET: '0123456789abcdef' },
    });
    expect(found.get('configuration')).toMatch(/^ok: \d+ routes$/);
    expect(found.get('windows')).toMatch(/^(ok: Redis|warning: Redis may evict|warning: a round trip)/);
    expect(found.get('platform')).toContain(`ok: ${origin.url} answers 200`);
    expect(found.get('clock')).toMatch(/^ok: 0\.\d s /);
    expect([...found.values()].filter((text) => text.startsWith('fault') && !text.includes('fsync'))).toEqual(
      [],
    );
    // The PostgreSQL of the tests runs without fsync, which is a fault.
    expect(found.get('ledger')).toMatch(/^(ok|warning|fault: fsync is off)/);
    expect(code).toBe(found.get('ledger')?.startsWith('fault') ? 1 : 0);
  } finally {
    await Promise.all([database.drop(), redis.drop()]);
  }
});

test('it names each store that it cannot reach, and exits with 1', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const configFile = join(folder, 'wrong.json');
  await writeFile(configFile, '{"routes":[{"path":"x"}]}');
  const { code, found } = await doctor({
    ...{ DATABASE_URL: `postgres://a:secret-word@${nowhere}/b`, REDIS_URL: `redis://${nowhere}` },
    ...{ UPSTREAM: `http://${nowhere}`, POSTMETER_CONFIG: configFile, DATA_DIR: '/proc/data' },
  });
  expect(code).toBe(1);
  for (const subject of ['configuration', 'ledger', 'windows', 'platform', 'data folder'])
    expect(found.get(subject), subject).toMatch(/^fault: /);
  expect([...found.values()].join()).not.toContain('secret-word');
});
