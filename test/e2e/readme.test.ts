/** Runs the commands of README and docs as a reader does: in a folder of its own, in their order. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { blocksOf } from '../support/document-blocks.ts';
import { ROOT } from '../support/edge/bundle.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { freePort } from '../support/services/free-port.ts';
import { copyLedgerTemplate } from '../support/services/ledger-template.ts';

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
