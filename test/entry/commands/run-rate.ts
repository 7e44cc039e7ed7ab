/** Runs `postmeter rate` on texts, through files like a user. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rateCommand } from '../../../src/entry/commands/rate.ts';

/** Returns what the command wrote to standard output. Rejects like the command, if it wrote nothing. */
export async function rate(csv: string, tariff?: unknown, more: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-rate-'));
  let out = '';
  try {
    const args = [join(folder, 'usage.csv'), ...more];
    await writeFile(args[0]!, csv);
    if (tariff !== undefined) {
      const file = join(folder, 'tariff.json');
      await writeFile(file, typeof tariff === 'string' ? tariff : JSON.stringify(tariff));
      args.push('--tariff', file);
    }
    const command = rateCommand()
      .exitOverride()
      .configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
    await command.parseAsync(args, { from: 'user' });
    return out;
  } catch (error) {
    if (out !== '') throw new Error(`wrote to standard output before it failed: ${out}`, { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}
