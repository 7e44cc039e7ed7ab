import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockFolder } from '../../../src/adapters/node/folder-lock.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'postmeter-lock-'));
});
afterAll(() => rm(base, { recursive: true }));

test('a lock excludes a second opener in the same process, and a second unlock has no effect', () => {
  const first = lockFolder(base, 'one.lock');
  expect(lockFolder(base, 'one.lock')).toEqual({ kind: 'in_use' });
  expect(lockFolder(base, 'other.lock').kind).toBe('locked');
  if (first.kind !== 'locked') throw new Error('not locked');
  first.unlock();
  first.unlock();
  expect(lockFolder(base, 'one.lock').kind).toBe('locked');
});

test('a lock excludes another process until its holder is killed', async () => {
  const folder = join(base, 'killed');
  const module = new URL('../../../src/adapters/node/folder-lock.ts', import.meta.url).href;
  const script = `const { lockFolder } = await import(${JSON.stringify(module)});
    console.log(lockFolder(${JSON.stringify(folder)}, 'a.lock').kind); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(holder.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('locked\n');
  expect(lockFolder(folder, 'a.lock')).toEqual({ kind: 'in_use' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(lockFolder(folder, 'a.lock').kind).toBe('locked');
});

test('a folder that cannot be created is reported as unusable, with the reason', async () => {
  await writeFile(join(base, 'file'), '');
  expect(lockFolder(join(base, 'file', 'below'), 'a.lock')).toMatchObject({
    kind: 'unusable',
    cause: { code: 'ENOTDIR' },
  });
});
