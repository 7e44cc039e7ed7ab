/** Runs the systemd unit, its environment file and the nginx block of deploy/ as they are, with the addresses of this test. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ROOT } from '../support/edge/bundle.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { installPackages } from '../support/services/debian.ts';
import { freePort } from '../support/services/free-port.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { freshRedis } from '../support/services/fresh-redis.ts';
import { startService } from '../support/services/service.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let origin: Origin;

beforeAll(async () => {
  if (spawnSync('nginx', ['-v']).error) installPackages(['nginx-light']);
  folder = await mkdtemp(join(tmpdir(), 'postmeter-deploy-'));
  origin = await startScriptedOrigin((_url, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(20));
  });
});
afterAll(async () => {
  await origin.stop();
  await rm(folder, { recursive: true, force: true });
});

const deployed = (name: string): string => readFileSync(join(ROOT, 'deploy', name), 'utf8');

/** As systemd reads such a file: a comment is a line of its own. */
function environmentOf(text: string): [name: string, value: string][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, value] = /^([A-Z_]+)=(\S.*)$/.exec(line) ?? [];
      expect(name, line).toBeDefined();
      expect(value, 'systemd takes a comment behind a value as part of it').not.toContain(' #');
      return [name!, value!];
    });
}

/** Starts nginx with the block of deploy/, which listens on a free port and forwards to `gatewayPort`. */
async function startNginxBlock(gatewayPort: number): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const block = deployed('nginx/postmeter.conf')
    .replace('server 127.0.0.1:8789;', '')
    .replace('127.0.0.1:8787', `127.0.0.1:${gatewayPort}`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`);
  const config = `daemon off; master_process off; pid nginx.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi; include postmeter.conf; }`;
  await writeFile(join(folder, 'postmeter.conf'), block);
  await writeFile(join(folder, 'nginx.conf'), config);
  const url = `http://127.0.0.1:${port}`;
  const nginx = await startService({
    name: 'nginx',
    command: 'nginx',
    args: ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf'],
    folder: await mkdtemp(join(tmpdir(), 'postmeter-nginx-')),
    answers: async () => void (await fetch(url, { method: 'HEAD' })),
  });
  return { url, stop: () => nginx.stop() };
}

it('the systemd unit serves and counts behind the nginx block, with its environment file, from the root folder', async () => {
  const unit = deployed('systemd/postmeter@.service');
  const [database, redis] = await Promise.all([freshDatabase('deploy'), freshRedis()]);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const configFile = join(folder, 'etc.config.json');
  const receivers = { mailFrom: 'postmeter@platform.example' };
  const trustedProxies = ['127.0.0.1/32'];
  await writeFile(
    configFile,
    JSON.stringify({ platform: 'x', listen: { drainSeconds: 0 }, receivers, trustedProxies }),
  );
  const instead: Record<string, string> = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    DATA_DIR: dataDir,
    POSTMETER_CONFIG: configFile,
    UPSTREAM: origin.url,
    POSTMETER_SECRET: 'a secret of this test alone',
  };
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1' };
  const assignments = Array.from(unit.matchAll(/^Environment=(.*)$/gm), ([, line]) => line!.split(' '));
  const ofUnit = assignments.flat().map((one) => one.replaceAll('%i', '0').split('=') as [string, string]);
  for (const [name, value] of [...environmentOf(deployed('systemd/postmeter.env')), ...ofUnit])
    env[name] = instead[name] ?? value;
  expect(env).toMatchObject({ ...instead, PORT: '0', ADMIN_PORT: '0' });
  const [, flags] = /^ExecStart=\/usr\/bin\/node (.*) \/opt\/postmeter\/dist\/entry\/cli\.js serve$/m.exec(
    unit,
  )!;
  const args = [...flags!.split(' '), join(ROOT, 'dist/entry/cli.js'), 'serve'];
  const child = spawn(process.execPath, args, { cwd: '/', env });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  try {
    const listening = () => lines.find((text) => text.includes('"listening"'));
    const line = JSON.parse(await until('it listens', listening, { timeoutMs: 60_000 }));
    expect(line.routes).toBeGreaterThan(0);
    const nginx = await startNginxBlock(line.port);
    try {
      const isMetered = async () => {
        const { status, headers } = await ask(nginx.url, '/2/tweets/search/recent');
        expect(status).toBe(200);
        return 'ratelimit' in headers;
      };
      await until('the total of the client is known', isMetered);
    } finally {
      await nginx.stop();
    }
    expect((await ask(`http://127.0.0.1:${line.adminPort}`, '/livez')).status).toBe(200);
  } finally {
    const [, signal] = /^KillSignal=(.*)$/m.exec(unit)!;
    child.kill(signal as NodeJS.Signals);
    await once(child, 'exit');
    await database.drop();
    await redis.drop();
  }
  expect(child.exitCode).toBe(0);
});
