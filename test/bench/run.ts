/** `npm run bench [-- --only PART] [--rounds N] [--seconds N] [--node PATH]`: measures and prints one table. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchEncodings } from './encodings.ts';
import { benchFormats } from './formats.ts';
import { leaveGatewayCore, provide } from './machine.ts';
import { benchMemory } from './memory.ts';
import { benchProxies, type Options } from './proxies.ts';
import { benchRates } from './rates.ts';
import { meets, type Row, renderTable } from './report.ts';
import { benchScanner } from './scanner.ts';
import { benchSigned } from './signed.ts';
import { benchStarts } from './starts.ts';
import { benchWindow } from './window.ts';

const parts = {
  proxies: benchProxies,
  starts: benchStarts,
  rates: benchRates,
  memory: benchMemory,
  encodings: benchEncodings,
  signed: benchSigned,
  window: benchWindow,
  scanner: benchScanner,
  formats: benchFormats,
} satisfies Record<string, (options: Options) => Promise<Row[]>>;

type Part = keyof typeof parts;
const names = Object.keys(parts) as Part[];

const program = new Command('bench')
  .description(
    'Measures Postmeter against other proxies, its window against a rate limiter, its counting against parsers.',
  )
  .addOption(new Option('--only <part>', 'one part alone').choices(names))
  .option('--rounds <n>', 'measured rounds after the warm-up; the median counts', positive, 3)
  .option('--seconds <n>', 'length of one measured wrk run', positive, 1)
  .option('--node <path>', 'the Node that Postmeter runs on', process.execPath);
const { only, rounds, seconds, node } = program
  .parse()
  .opts<{ only?: Part; rounds: number; seconds: number; node: string }>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const missing = provide(['wrk', 'nginx']);
if (missing.size > 0) program.error([...missing.values()].join('\n'));
leaveGatewayCore();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const folder = mkdtempSync(join(tmpdir(), 'postmeter-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const rows: Row[] = [];
for (const name of only === undefined ? names : [only]) {
  say(`${name} ...`);
  const partFolder = join(folder, name);
  mkdirSync(partFolder);
  rows.push(...(await parts[name]({ folder: partFolder, rounds, seconds, node: resolve(node), say })));
}
process.stdout.write(`${renderTable(rows)}\n`);
const verdicts = rows.map(meets).filter((verdict) => verdict !== undefined);
const missed = verdicts.filter((met) => !met).length;
process.stdout.write(`${verdicts.length - missed} bars met, ${missed} missed.\n`);
process.exitCode = missed === 0 ? 0 : 1;

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
