/** The command line as a user sees it: the demo up to its invoice, the help of each command, and invalid use. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-command-'));
  await writeFile(join(folder, 'not.json'), '{');
  await writeFile(join(folder, 'faulty.json'), '{"routes":[{"path":"posts","posts":"none"}],"upstraem":{}}');
  await writeFile(join(folder, 'tariff.json'), '{"threshold":0}');
  await writeFile(join(folder, 'usage.csv'), 'client,at,posts\nacme,2026-03-01T00:00:00Z,1\n');
  await writeFile(join(folder, 'negative.csv'), 'client,at,posts\nacme,2026-03-01T00:00:00Z,-1\n');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs in a folder of its own, with only the environment variables of the test. */
async function postmeter(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

it('the demo ends with the breach and an issued invoice of the right amount', async () => {
  const { code, stdout } = await postmeter(['demo', '--once', '--posts', '1200000'], {
    PORT: '0',
    ADMIN_PORT: '0',
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Watch it in the console: http:\/\/127\.0\.0\.1:\d+\/overview\nSign in with the token [0-9a-f]{32}\n/,
  );
  expect(stdout).toContain('The scraper took 1,200,000 posts by its own count');
  expect(stdout).toMatch(/posts in it\s*│ 1,200,000 /);
  expect(stdout).toMatch(/draft invoice\s*│ 18000\.00 USD \(draft\) /);
  expect(stdout).toContain("In this demo, billing's clock is now 49 hours ahead");
  const [, path = ''] = /issued invoice 1, [^\n]*\n {2}(\S+\.pdf)/.exec(stdout) ?? [];
  const pdf = await readFile(path, 'latin1');
  await rm(dirname(path), { recursive: true });
  expect(pdf.slice(0, 5)).toBe('%PDF-');
  for (const type of ['client.threshold_80', 'client.threshold_95', 'client.crossed'])
    expect(stdout).toContain(type);
}, 120_000);

describe('--help prints the usage', () => {
  it.concurrent.for([
    [[]],
    [['serve']],
    [['demo']],
    [['migrate']],
    [['rate']],
    [['count']],
    [['invoices']],
    [['token']],
    [['token', 'create']],
    [['token', 'revoke']],
    [['config']],
    [['config', 'check']],
  ])('%j', async ([command = []], { expect }) => {
    const { code, stdout, stderr } = await postmeter([...command, '--help']);
    expect(stdout).toContain(`Usage: ${['postmeter', ...command].join(' ')}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('invalid use exits with 2, a message on stderr and nothing on stdout', () => {
  const upstream = { UPSTREAM: 'http://127.0.0.1:9' };

  it.concurrent.for<[readonly string[], Record<string, string>, RegExp]>([
    [['nonsense'], {}, /unknown command 'nonsense'/],
    [[], {}, /Usage: postmeter/],
    [['serve', '--nonsense'], upstream, /unknown option '--nonsense'/],
    [['serve'], {}, /UPSTREAM/],
    [['serve'], { UPSTREAM: 'ftp://platform' }, /UPSTREAM/],
    [['serve'], { ...upstream, PORT: '70000' }, /PORT/],
    [['serve'], { ...upstream, DATABASE_URL: 'mysql://db' }, /DATABASE_URL/],
    [['serve'], { ...upstream, REDIS_URL: 'http://cache' }, /REDIS_URL/],
    [['serve'], { ...upstream, POSTMETER_CONFIG: 'missing.json' }, /missing\.json: cannot be read/],
    [['serve'], { ...upstream, POSTMETER_CONFIG: 'not.json' }, /not\.json: is not JSON/],
    [['serve'], { ...upstream, POSTMETER_CONFIG: 'faulty.json' }, /faulty\.json: routes\[0\]\.path: /],
    [['demo', '--posts', 'many'], {}, /--posts/],
    [['demo', '--posts', '150'], {}, /multiple of 100/],
    [['migrate'], { DATABASE_URL: 'mysql://db' }, /DATABASE_URL/],
    [['rate'], {}, /missing required argument 'usage'/],
    [['rate', 'missing.csv'], {}, /missing\.csv/],
    [['rate', 'negative.csv'], {}, /line 2/],
    [['rate', 'usage.csv', '--tariff', 'tariff.json'], {}, /tariff\.json: threshold /],
    [['rate', 'usage.csv', '--bucket-seconds', '7'], {}, /--bucket-seconds/],
    [['count'], {}, /required option '--path <path>'/],
    [['count', '--path', 'posts'], {}, /starts with \//],
    [['count', '--path', '/', '--header', 'nonsense'], {}, /name: value/],
    [['invoices', '--format', 'xml'], {}, /table, json, csv/],
    [['invoices', '--status', 'paid'], {}, /draft, approved, rejected, issued, void/],
    [['token', 'create'], {}, /required option '--name <name>'/],
    [['token', 'create', '--name', 'x', '--role', 'king'], {}, /operator, finance, viewer/],
    [['token', 'revoke'], {}, /missing required argument 'id'/],
    [['config', 'check', 'faulty.json'], {}, /upstraem/],
  ])('%j %j', async ([args, env, message], { expect }) => {
    const { code, stdout, stderr } = await postmeter(args, env);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
