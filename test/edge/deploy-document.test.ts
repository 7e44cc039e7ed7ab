/** Runs the commands of docs/deploy-cloudflare.md that need no account, and checks the options of the others. */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from '../support/document-blocks.ts';
import { ROOT } from '../support/edge/bundle.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { freePort } from '../support/services/free-port.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { until } from '../support/until.ts';

const DOCUMENT = 'docs/deploy-cloudflare.md';
const CONFIG = { routes: [{ path: '/2/tweets/search/recent', posts: [{ json: '$.data[*]' }] }] };
/** Without these, wrangler asks for a sample request and reports its use. */
const OFFLINE = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' };

/** Hyperdrive demands a password, which the server of the tests ignores. */
const withPassword = (url: string) => url.replace('postgres@', 'postgres:secret@');

let folder: string;
let origin: Origin;
let database: FreshDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-deploy-'));
  await writeFile(join(folder, 'postmeter.config.json'), JSON.stringify(CONFIG));
  database = await freshDatabase('deploy-document');
  origin = await startScriptedOrigin((_url, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(20));
  });
});
afterAll(async () => {
  await origin?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

it('the local trial serves the platform, the admin API and a billing run', async () => {
  const [block] = blocksOf(DOCUMENT, 'sh', 'Try it locally');
  const [start, asked] = block!.split(' &\n') as [string, string];
  const port = await freePort();
  const script = start
    .replace('npm ci && npm run build', 'true')
    .replace('http://127.0.0.1:8080', origin.url)
    .replace(/postgres:\/\/\S+/, withPassword(database.url))
    .replace('cat postmeter.config.json', `cat ${folder}/postmeter.config.json`)
    .replace(
      'npx wrangler dev',
      `exec npx wrangler dev --port ${port} --inspector-port 0 --persist-to ${folder}`,
    );
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ADMIN_TOKEN: 'token-of-this-test',
    ...OFFLINE,
  };
  const child = spawn('bash', ['-euc', script], { cwd: ROOT, env, detached: true, stdio: 'ignore' });
  try {
    const urls = [...asked.matchAll(/http:\/\/([^/:]+):8787(\/\S*)/g)].map(([, host, path]) => ({
      host: host!,
      path: path!,
    }));
    expect(urls).toHaveLength(3);
    for (const { host, path } of urls) {
      const statusOf = async () =>
        (await ask(`http://127.0.0.1:${port}`, path, { headers: { host: `${host}:${port}` } })).status;
      await until(`${host}${path} answers`, async () => (await statusOf()) === 200);
    }
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGTERM');
  }
});

it('the commands of the deployment and their options exist', async () => {
  const [block] = blocksOf(DOCUMENT, 'sh', 'Deploy');
  const commands = [...block!.matchAll(/^npx wrangler ([^#\n]+)/gm)].map(([, command]) => command!.trim());
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) {
    const words = command.split(/\s+/);
    const options = words.filter((word) => word.startsWith('--'));
    const name = words.filter((word) => /^[a-z]+$/.test(word)).filter((word) => word !== 'postmeter');
    const { stdout } = await promisify(execFile)('npx', ['wrangler', ...name, '--help'], {
      cwd: ROOT,
      env: { ...process.env, ...OFFLINE },
    });
    expect(stdout).toContain(`wrangler ${name.join(' ')}`);
    for (const option of options) expect(stdout).toContain(option);
  }
});
