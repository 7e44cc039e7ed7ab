import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MUTANTS, type Patch } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'package.json',
  'tsconfig.json',
  'src',
  'test/simulation',
  'test/support/memory-ledger',
  'test/tariff/oracle.ts',
];
/** The rarest mutant needs some 430 runs if no seed is known that reveals it. */
const MAX_RUNS = 3_000;

/** An invariant is violated. A program that aborts has found nothing. */
const FOUND = /^seed \d+ fails: \[Violation: /m;

describe('the simulation finds', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postmeter-mutants-'));
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('nothing in the unchanged code, run in the same way as the mutants', async () => {
    expect(await simulate(1, 20)).toMatchObject({ code: 0 });
  });

  it.each(MUTANTS)('$name', { timeout: 600_000 }, async ({ patches, firstSeed = 1 }) => {
    const files = new Map(patches.map(({ file }) => [file, readFileSync(pathOf(file), 'utf8')]));
    try {
      for (const patch of patches) apply(patch);
      const { code, output } = await simulate(firstSeed, MAX_RUNS);
      expect(output).toMatch(FOUND);
      expect(code).toBe(1);
    } finally {
      for (const [file, text] of files) writeFileSync(pathOf(file), text);
    }
  });

  const pathOf = (file: string) => join(folder, 'src', file);

  function apply({ file, search, replace }: Patch): void {
    const parts = readFileSync(pathOf(file), 'utf8').split(search);
    expect(parts, `${file} has the text exactly once: ${search}`).toHaveLength(2);
    writeFileSync(pathOf(file), parts.join(replace));
  }

  function simulate(
    firstSeed: number,
    runs: number,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const seeds = ['--seed', String(firstSeed), '--runs', String(runs)];
    const options = ['--import', 'tsx', 'test/simulation/run.ts', ...seeds];
    const child = spawn(process.execPath, options, { cwd: folder });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output }));
    });
  }
});
