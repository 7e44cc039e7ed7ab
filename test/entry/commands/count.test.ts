import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCommand } from '../../../src/entry/commands/count.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';

let folder: string;
let config: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postmeter-count-'));
  config = join(folder, 'postmeter.config.json');
  const routes = [
    { path: '/2/tweets/search/recent', posts: [{ json: '$.data[*]' }] },
    { path: '/users', posts: 'none' },
    { path: '/lines', format: 'ndjson', posts: [{ json: '$' }] },
    { path: '/socket', format: 'websocket', posts: [{ json: '$' }] },
    { path: '/graphql', format: 'graphql', posts: [{ graphql: 'posts' }] },
  ];
  writeFileSync(config, JSON.stringify({ upstream: { url: 'http://127.0.0.1:9' }, routes }));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function run(body: string | Buffer, ...args: string[]): Promise<string> {
  let out = '';
  const command = countCommand(Readable.from([Buffer.from(body)]))
    .exitOverride()
    .configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  await command.parseAsync(['--config', config, ...args], { from: 'user' });
  return out;
}

const recent = ['--path', '/2/tweets/search/recent?query=x'];

describe('postmeter count', () => {
  it.each<[string, string | Buffer, string[], string]>([
    ['a list', '{"data":[{},{}]}', recent, '{"posts":2,"by":"json"}'],
    [
      'lines, one of which is invalid',
      '{}\n[\n{}\n',
      ['--path', '/lines'],
      '{"posts":2,"by":"ndjson","uncounted":"truncated"}',
    ],
    [
      'the messages of a WebSocket',
      Buffer.from('\x81\x02{}\x89\x00\x81\x02{}', 'latin1'),
      ['--path', '/socket', '--status', '101'],
      '{"posts":2,"by":"websocket"}',
    ],
    [
      'gzip',
      gzipSync('{"data":[{}]}'),
      [...recent, '--header', 'content-encoding: gzip'],
      '{"posts":1,"by":"json"}',
    ],
    ['a declared count', 'x', [...recent, '--header', 'x-post-count: 7'], '{"posts":7,"by":"header"}'],
    ['another route', '{"data":[{}]}', ['--path', '/other'], '{"posts":0,"by":"none"}'],
    ['a route without posts', '{"data":[{}]}', ['--path', '/users'], '{"posts":0,"by":"none"}'],
    ['another status', '{"data":[{}]}', [...recent, '--status', '404'], '{"posts":1,"by":"json"}'],
    ['HEAD', '', [...recent, '--method', 'head'], '{"posts":0,"by":"none"}'],
    ['another shape', '{"data":5}', recent, '{"uncounted":"shape"}'],
    ['a part', '{"data":[{}]}', [...recent, '--status', '206'], '{"uncounted":"partial"}'],
    ['a wrong count', '', [...recent, '--header', 'X-Post-Count: many'], '{"uncounted":"declared_count"}'],
  ])('%s', async (_, body, args, expected) => {
    expect(await run(body, ...args)).toBe(`${expected}\n`);
  });

  it('reads where the posts are from the body of a GraphQL request', async () => {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify({ query: '{mine:posts{nodes{id}}}' }));
    const body = '{"data":{"mine":{"nodes":[{},{}]}}}';
    const asked = ['--path', '/graphql', '--request-body', file];
    expect(await run(body, ...asked)).toBe('{"posts":2,"by":"graphql"}\n');
    expect(await run(body, '--path', '/graphql')).toBe('{"uncounted":"document"}\n');
    const missing = run(body, '--path', '/graphql', '--request-body', join(folder, 'none'));
    await expect(missing).rejects.toThrow(UsageError);
  });

  it.each([
    [[]],
    [['--path', 'x']],
    [['--path', '/x', '--status', '99']],
    [['--path', '/x', '--header', 'no colon']],
    [['--path', '/x', '--unknown']],
  ])('refuses %j', async (args) => {
    await expect(run('', ...args)).rejects.toMatchObject({ exitCode: 1 });
  });

  it('reports the errors of a configuration', async () => {
    const faulty = join(folder, 'faulty.json');
    writeFileSync(faulty, JSON.stringify({ routes: [{ path: '/x', posts: [{ json: '$[1]' }] }] }));
    await expect(run('', '--path', '/x', '--config', faulty)).rejects.toThrow(UsageError);
    await expect(run('', '--path', '/x', '--config', faulty)).rejects.toThrow(
      /routes\[0\]\.posts\[0\]\.json.*position 2/s,
    );
    await expect(run('', '--path', '/x', '--config', join(folder, 'none.json'))).rejects.toThrow(
      /cannot be read/,
    );
  });
});
