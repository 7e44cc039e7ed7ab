/** Runs the commands and the systemd unit of README and docs as a reader does: in a folder of its own, in their order. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { blocksOf } from '../support/document-blocks.ts';
import { ROOT } from '../support/edge/bundle.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { freePort } from '../support/services/free-port.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { freshRedis } from '../support/services/fresh-redis.ts';
import { copyLedgerTemplate } from '../support/services/ledger-template.ts';
import { until } from '../support/until.ts';

/** Twenty commands run one after the other, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let origin: Origin;
let ports: { gateway: number; admin: number };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-readme-'));
  // test/e2e/demo.test.ts starts without a ledger.
  copyLedgerTemplate(join(folder, 'data'));
  for (const name of ['dist', 'examples']) await symlink(join(ROOT, name), join(folder, name));
  origin = await startScriptedOrigin((_url, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(20));
  });
  ports = { gateway: await freePort(), admin: await freePort() };
});
afterAll(async () => {
  await origin?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Uses the ports of this test and skips the build, which exists already. */
function runnable(block: string): string {
  return block
    .replaceAll('127.0.0.1:8787', `127.0.0.1:${ports.gateway}`)
    .replaceAll('127.0.0.1:8788', `127.0.0.1:${ports.admin}`)
    .replaceAll('http://127.0.0.1:8080', origin.url)
    .replaceAll('npm ci && npm run build', 'true');
}

const bash = (script: string) =>
  promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(ports.gateway),
      ADMIN_PORT: String(ports.admin),
    },
    timeout: 110_000,
  });

it('the commands of the README and of the documents do what they say, one after the other', async () => {
  const block = (file: string, heading?: string, at = 0) => runnable(blocksOf(file, 'sh', heading)[at]!);
  const counting = block('docs/routes.md', 'What is counted').split('\n');
  // There is no invoice, no second version of a tariff, no log and no server of PostgreSQL.
  const isPossible = (line: string) => !/\b(?:ID|VERSION|FILE|17|access\.log|verify)\b/.test(line);
  const possible = (text: string) => text.split('\n').filter(isPossible).join('\n');
  const steps: Record<string, string> = {
    serve: block('README.md', 'Put it before your platform'),
    client: block('README.md', 'Put it before your platform', 1),
    tariff: block('docs/billing.md', 'Tariffs'),
    administration: possible(block('docs/admin-api.md', 'Examples')),
    keys: block('docs/clients.md', 'API keys'),
    policies: block('docs/clients.md', 'Policies'),
    rights: `printf 'kind,scope,name,state\\npost,,1,private\\n' > list.csv; ${block('docs/rights.md')}`,
    counting: counting[0]!,
    example: block('examples/README.md'),
    evidence: possible(block('docs/evidence.md')),
    routes: `admin http://127.0.0.1:${ports.admin}/v1/routes`,
    end: 'true',
  };
  const script = Object.entries(steps).map(([name, commands]) => `echo "== ${name}"; ${commands}\necho`);
  const { stdout } = await bash(
    `trap 'kill $(jobs -p)' EXIT; postmeter() { node dist/entry/cli.js "$@"; }\n${script.join('\n')}`,
  );
  const said = (name: string) => stdout.split(`== ${name}\n`)[1]!.split('\n== ')[0]!.trim();
  expect(said('serve')).toContain('HTTP/1.1 200');
  for (const line of blocksOf('README.md', '', 'Put it before your platform')[0]!.trim().split('\n')) {
    expect(said('serve').toLowerCase()).toContain(line.toLowerCase());
  }
  expect(said('client')).toContain('"id":"acme"');
  expect(said('client')).toMatch(/"key":"[^"]+"/);
  expect(said('client')).toMatch(/addr:127\.0\.0\.1 |No client has usage/);
  expect(said('tariff')).toContain('"threshold":500000');
  expect(said('administration')).toContain('Acme AI, Inc.');
  expect(said('administration')).toContain('number,id,kind,status');
  expect(said('keys')).toMatch(/"key":"[^"]+"/);
  expect(said('policies')).toContain('too fast');
  expect(said('rights')).toContain('1 rows: 1 settings would be stored');
  expect(said('rights')).toMatch(/author ann .* no_training .* yes .* operator/);
  expect(said('counting')).toBe(counting[1]);
  expect(said('example')).toMatch(/^ok: /);
  expect(readFileSync(join(folder, 'signing.pem.pub'), 'utf8')).toContain('BEGIN PUBLIC KEY');
  // The request of the first step, and that of the count, which went to the platform itself.
  // The gateway in the background logs to the same output.
  const routes = said('routes')
    .split('\n')
    .find((line) => line.includes('"items":['));
  expect(JSON.parse(routes!).items).toMatchObject([{ posts: 20, responses: 1 }]);
});

it('the example of the billing rule prints the documented result', async () => {
  const [block] = blocksOf('docs/billing.md', 'sh', 'The billing rule');
  const steps = block!.split(/^\$ /m).slice(1);
  const [csv, rate] = steps.map((step) => {
    const end = step.indexOf('\n');
    return { command: step.slice(0, end), output: step.slice(end + 1) };
  });
  expect([csv!.command, rate!.command]).toEqual(['cat usage.csv', 'postmeter rate usage.csv']);
  await writeFile(join(folder, 'usage.csv'), csv!.output);
  const { stdout } = await bash(`postmeter() { node dist/entry/cli.js "$@"; }; ${rate!.command}`);
  expect(stdout).toBe(rate!.output);
});

it('the systemd unit serves and counts, with its environment file, from the root folder', async () => {
  const [environment] = blocksOf('docs/deploy-node.md', 'sh', 'Environment');
  const [unit] = blocksOf('docs/deploy-node.md', 'ini', 'Processes');
  const [database, redis] = await Promise.all([freshDatabase('readme'), freshRedis()]);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  const configFile = join(folder, 'etc.config.json');
  const receivers = { mailFrom: 'postmeter@platform.example' };
  const config = { platform: 'x', listen: { drainSeconds: 0 }, receivers };
  await writeFile(configFile, JSON.stringify(config));
  const instead: Record<string, string> = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    DATA_DIR: dataDir,
    POSTMETER_CONFIG: configFile,
    UPSTREAM: origin.url,
    POSTMETER_SECRET: 'a secret of this test alone',
  };
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1' };
  const set = (name: string, value: string) => {
    env[name] = instead[name] ?? value;
  };
  // As systemd reads such a file: a comment is a line of its own.
  for (const line of environment!.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
    const [, name, value] = /^([A-Z_]+)=(\S.*)$/.exec(line) ?? [];
    expect(name, line).toBeDefined();
    expect(value, 'systemd takes a comment behind a value as part of it').not.toContain(' #');
    set(name!, value!);
  }
  for (const name of Object.keys(instead)) expect(env[name], name).toBeDefined();
  for (const [, assignments] of unit!.matchAll(/^Environment=(.*)$/gm)) {
    for (const assignment of assignments!.split(' ')) {
      const [name, value] = assignment.split('=') as [string, string];
      set(name, value.replaceAll('%i', '0'));
    }
  }
  const [, command] = /^ExecStart=(.*)$/m.exec(unit!)!;
  const [, flags] = /^\/usr\/bin\/node (.*) \/opt\/postmeter\/dist\/entry\/cli\.js serve$/.exec(command!)!;
  const args = [...flags!.split(' '), join(ROOT, 'dist/entry/cli.js'), 'serve'];
  const child = spawn(process.execPath, args, { cwd: '/', env });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  try {
    const listening = () => lines.find((text) => text.includes('"listening"'));
    const line = JSON.parse(await until('it listens', listening, { timeoutMs: 60_000 }));
    expect(line.routes).toBeGreaterThan(0);
    const { status } = await ask(`http://127.0.0.1:${line.port}`, '/2/tweets/search/recent');
    expect(status).toBe(200);
    expect((await ask(`http://127.0.0.1:${line.adminPort}`, '/livez')).status).toBe(200);
  } finally {
    const [, signal] = /^KillSignal=(.*)$/m.exec(unit!)!;
    child.kill(signal as NodeJS.Signals);
    await once(child, 'exit');
    await database.drop();
    await redis.drop();
  }
  expect(child.exitCode).toBe(0);
});
