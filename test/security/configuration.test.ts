/** The gateway asks only the platform of its configuration. No request and no answer can name another. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { PRESETS } from '../../src/count/presets/presets.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { speak } from '../support/http/speak.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));

interface Listening extends Origin {
  readonly heard: readonly IncomingMessage[];
}

async function listen(
  answer: (request: IncomingMessage) => [status: number, headers: Record<string, string>],
): Promise<Listening> {
  const heard: IncomingMessage[] = [];
  const origin = await startOrigin((request, response) => {
    heard.push(request);
    response.writeHead(...answer(request)).end('{}');
  });
  return { ...origin, heard };
}

let internal: Listening;
let platform: Listening;
let gateway: GatewayProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postmeter-security-'));
  internal = await listen(() => [200, {}]);
  const elsewhere = `http://127.0.0.1:${internal.port}/secret`;
  platform = await listen(({ url }) =>
    url?.startsWith('/redirect')
      ? [302, { location: elsewhere, refresh: `0; url=${elsewhere}` }]
      : [
          200,
          {
            link: `<${elsewhere}>; rel=next`,
            'content-type': 'application/json',
            'alt-svc': `h2=":${internal.port}"`,
          },
        ],
  );
  gateway = await startGatewayProcess({ upstream: `http://127.0.0.1:${platform.port}` });
});
afterAll(async () => {
  await gateway?.stop();
  internal?.stop();
  platform?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const request = (line: string, ...fields: string[]) =>
  `${[line, ...fields].join('\r\n')}\r\nConnection: close\r\n\r\n`;

describe('a request', () => {
  it('cannot choose the upstream by its target, Host or a forwarding field', async () => {
    const other = `127.0.0.1:${internal.port}`;
    for (const [line, ...fields] of [
      ['GET /a HTTP/1.1', `Host: ${other}`],
      [`GET http://${other}/b HTTP/1.1`, `Host: ${other}`],
      [`GET http://${other}/c HTTP/1.0`],
      ['GET /d HTTP/1.1', 'Host: a', `X-Forwarded-Host: ${other}`, `Forwarded: host=${other}`],
      [`GET //${other}/e HTTP/1.1`, 'Host: a'],
      [`GET /\\${other}/f HTTP/1.1`, 'Host: a'],
      [`GET /@${other}/g HTTP/1.1`, 'Host: a'],
      [`GET http://a@${other}/h HTTP/1.1`, `Host: a@${other}`],
      [`GET http://a?@${other}/i HTTP/1.1`, 'Host: a'],
      ['GET /j HTTP/1.1', 'Host: a', `X-Original-URL: http://${other}/`, `X-Rewrite-URL: http://${other}/`],
      [`GET //${other}/k HTTP/1.1`, 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade'],
      [`GET http://${other}/l HTTP/1.1`, `Host: ${other}`, 'Upgrade: websocket', 'Connection: Upgrade'],
      [`CONNECT ${other} HTTP/1.1`, `Host: ${other}`],
    ] as const) {
      const said = await speak(gateway.url, request(line, ...fields), { quietMs: 3_000 });
      expect(`${line}: ${said.statuses}`).toMatch(/: (200|400|501)$/);
    }
    expect(internal.heard).toEqual([]);
    expect(platform.heard.length).toBeGreaterThan(7);
  });

  it('is not sent to a redirect or a link of the platform', async () => {
    const said = await speak(gateway.url, request('GET /redirect HTTP/1.1', 'Host: a'), { quietMs: 3_000 });
    expect(said.statuses).toEqual([302]);
    expect(said.text).toContain(`:${internal.port}/secret`);
    expect(internal.heard).toEqual([]);
  });
});

describe('the configuration', () => {
  it.each([
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'unix:/var/run/docker.sock',
    'javascript:alert(1)',
    'http://user:pass@platform',
    'http://platform@169.254.169.254',
    'http://platform/path',
    'http://platform?x',
    'http://platform#x',
    'http://plat form',
    'http://platform\r\nX: y',
    'http://',
    '//platform',
    '',
  ])('upstream.url %j is refused, with an example', (url) => {
    const result = parseConfig(JSON.stringify({ upstream: { url } }));
    if (result.ok) throw new Error('taken');
    expect(result.problems[0]).toMatchObject({
      path: 'upstream.url',
      message: expect.stringContaining('such as http://127.0.0.1:3000'),
    });
  });

  it('contains no server in any preset: each finds posts only by paths', () => {
    const routes = PRESETS.flatMap((preset) => preset.routes);
    expect(routes.length).toBeGreaterThan(50);
    for (const { path } of routes) expect(path).toMatch(/^\/(?!\/)/);
  });

  it('reveals nothing of a file that is not a certificate, and the start fails', async () => {
    const file = join(folder, 'shadow');
    writeFileSync(file, 'root:mark-of-another-file:19000:0:99999:7:::\n');
    const configFile = join(folder, 'config.json');
    writeFileSync(
      configFile,
      JSON.stringify({ routes: [], listen: { tls: { certFile: file, keyFile: file } } }),
    );
    const env = {
      POSTMETER_CONFIG: configFile,
      UPSTREAM: 'http://127.0.0.1:1',
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      ADMIN_PORT: '0',
      LOG_LEVEL: 'trace',
    };
    const { code, said } = await run(['serve'], env, 50_000);
    expect(said).toContain('postmeter: ');
    expect(said).not.toContain('mark-of');
    expect(code).toBe(1);
  });
});

describe('postmeter probe', () => {
  it('follows no redirect, and no link to another server', async () => {
    const url = `http://127.0.0.1:${platform.port}`;
    for (const path of ['/redirect', '/', '/posts?page=1']) await run(['probe', url + path], {}, 20_000);
    expect(platform.heard.some(({ headers }) => headers['user-agent']?.startsWith('postmeter-probe/'))).toBe(
      true,
    );
    expect(internal.heard).toEqual([]);
  });

  it.each([
    ['file:///etc/passwd', 'http:// or https://'],
    ['http://u:mark-of-a-password@127.0.0.1:1/', '--header'],
  ])('refuses %s', async (url, hint) => {
    const { code, said } = await run(['probe', url], {}, 20_000);
    expect(code).toBe(2);
    expect(said).toContain(hint);
    expect(said).not.toContain('mark-of');
  });
});

function run(args: readonly string[], env: Record<string, string>, timeout: number) {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...env }, timeout };
    const child = execFile(process.execPath, [CLI, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, said: stdout + stderr }),
    );
  });
}
