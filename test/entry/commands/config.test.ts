import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { PRESET_NAMES } from '../../../src/count/presets/presets.ts';
import { configCommand } from '../../../src/entry/commands/config.ts';

async function run(...args: string[]): Promise<string> {
  let out = '';
  const command = configCommand();
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return out;
}

describe('postmeter config preset', () => {
  it('prints routes that are valid in a configuration', async () => {
    const printed = await run('preset', 'wordpress');
    const [pasted, named] = [parseConfig(printed), parseConfig('{"platform":"wordpress"}')];
    if (!pasted.ok || !named.ok) throw new Error('both are valid');
    expect(pasted.routes.rules.map(({ name }) => name)).toEqual(named.routes.rules.map(({ name }) => name));
  });

  it('lists all presets with their switches if none is named', async () => {
    const printed = await run('preset');
    for (const name of PRESET_NAMES) expect(printed).toMatch(new RegExp(`^${name}: \\S`, 'm'));
    expect(printed).toMatch(/^ {2}reply {5}on {3}\S/m);
    expect(printed).toMatch(/^ {2}embedded {2}off {2}\S/m);
  });

  it('lists the valid names after a wrong one', async () => {
    await expect(run('preset', 'wordpess')).rejects.toThrow(/Use one of x, wordpress, /);
  });
});

describe('postmeter config check', () => {
  it('reports what a platform adds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postmeter-config-'));
    try {
      const file = join(folder, 'a.json');
      writeFileSync(file, '{"platform":["feeds","json-feed"],"routes":[{"path":"/a","posts":"none"}]}');
      expect(await run('check', file)).toBe('ok: 1 route, 4 of feeds and json-feed\n');
      writeFileSync(file, '{}');
      expect(await run('check', file)).toBe('ok: 0 routes\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('postmeter config schema prints the JSON Schema of the configuration', async () => {
  expect(JSON.parse(await run('schema'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});
