import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MUTANTS, type Patch } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The rarest mutant needs some 430 runs if no seed is known that reveals it. */
const MAX_RUNS = 3_000;

/** An invariant is violated. A program that aborts has found nothing. */
const FOUND = /^seed \d+ fails: \[Violation: /m;

describe('the simulation finds', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postmeter-mutants-'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('nothing in the unchanged code, run in the same way as the mutants', async () => {
    expect(await simulate([], 1, 20)).toMatchObject({ code: 0 });
  });

  it.each(MUTANTS)('$name', { timeout: 600_000 }, async ({ patches, firstSeed = 1 }) => {
    const { code, output } = await simulate(patches, firstSeed, MAX_RUNS);
    expect(output).toMatch(FOUND);
    expect(code).toBe(1);
  });

  /** Bundles the simulation with the patches, which takes a tenth of loading its modules one by one, and runs it. */
  async function simulate(
    patches: readonly Patch[],
    firstSeed: number,
    runs: number,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const outfile = join(folder, 'run.mjs');
    const applied: Patch[] = [];
    await build({
      entryPoints: [join(ROOT, 'test/simulation/run.ts')],
      ...{ outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' },
      plugins: [patching(patches, applied)],
    });
    expect(applied, 'every patch is in a file that the simulation loads').toHaveLength(patches.length);
    const child = spawn(process.execPath, [outfile, '--seed', String(firstSeed), '--runs', String(runs)]);
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

/** Changes the text of source files as they are bundled. A search that is not found exactly once fails the build. */
function patching(patches: readonly Patch[], applied: Patch[]): Plugin {
  return {
    name: 'patching',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = patches.filter(({ file }) => join(ROOT, 'src', file) === path);
        if (own.length === 0) return undefined;
        const contents = own.reduce(
          (text, { file, search, replace }) => {
            const parts = text.split(search);
            if (parts.length !== 2) throw new Error(`${file} does not have the text exactly once: ${search}`);
            return parts.join(replace);
          },
          readFileSync(path, 'utf8'),
        );
        applied.push(...own);
        return { contents, loader: 'ts' };
      });
    },
  };
}
