import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPglite } from '../../../src/adapters/pglite/open.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'postmeter-pglite-'));
});
afterAll(() => rm(base, { recursive: true }));

test('the second opener is refused with the folder and a hint, and admitted after the first has closed', async () => {
  const folder = join(base, 'twice');
  const first = await openPglite(folder);
  await expect(openPglite(folder)).rejects.toMatchObject({
    code: 'data_dir_in_use',
    message: expect.stringMatching(/twice is in use.*use another DATA_DIR/),
  });
  await first.close();
  await (await openPglite(folder)).close();
});

test('a folder that cannot be created is named, with a hint', async () => {
  await writeFile(join(base, 'file'), '');
  await expect(openPglite(join(base, 'file', 'data'))).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('set DATA_DIR'),
  });
});
