import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockFolder } from '../../../src/adapters/pglite/folder-lock.ts';
import { openPglite } from '../../../src/adapters/pglite/open.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'postmeter-pglite-'));
});
afterAll(() => rm(base, { recursive: true }));

test('the second opener is refused with the folder and the mend, and may have it when the first has closed', async () => {
  const folder = join(base, 'twice');
  const first = await openPglite(folder);
  await expect(openPglite(folder)).rejects.toMatchObject({
    code: 'data_dir_in_use',
    message: expect.stringMatching(/twice is in use.*DATA_DIR of its own/),
  });
  await first.close();
  await (await openPglite(folder)).close();
});

test('a lock is of the process: another is refused, and free when the holder is killed', async () => {
  const folder = join(base, 'killed');
  const lock = new URL('../../../src/adapters/pglite/folder-lock.ts', import.meta.url).href;
  const script = `const { lockFolder } = await import(${JSON.stringify(lock)});
    await lockFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'data_dir_in_use' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const unlock = await lockFolder(folder);
  await unlock();
});

test('a folder that cannot be made is named with its mend', async () => {
  await writeFile(join(base, 'file'), '');
  await expect(openPglite(join(base, 'file', 'data'))).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('set DATA_DIR'),
  });
});
