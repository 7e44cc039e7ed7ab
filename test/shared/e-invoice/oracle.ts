/** The validator of ../shared/einvoice, which applies the official rules of e-invoices, and its checks of PDF/A. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SHARED = fileURLToPath(new URL('../../../../shared/einvoice', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface Finding {
  readonly set: string;
  readonly id: string;
  readonly level: 'error' | 'warning' | 'information';
  readonly at: string;
  readonly text: string;
}

/** Findings of each file, by path. All files in one call, because each process compiles the rules again. */
export async function findingsOf(
  files: readonly string[],
  rules: string,
): Promise<ReadonlyMap<string, readonly Finding[]>> {
  const validator = join(await oracleFolder(), 'validate.mjs');
  const found = new Map<string, readonly Finding[]>();
  for (const line of (await printed(validator, ['--json', '--rules', rules, ...files])).trim().split('\n')) {
    const { file, findings }: { file: string; findings: Finding[] } = JSON.parse(line);
    found.set(file, findings);
  }
  return found;
}

/** Output of a script that exits with 1 if it finds errors. */
export async function printed(script: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(process.execPath, [script, ...args], { maxBuffer: MAX_OUTPUT_BYTES })).stdout;
  } catch (error) {
    const { code, stdout } = error as { code?: number; stdout?: string };
    if (code === 1 && stdout) return stdout;
    throw error;
  }
}

/** A copy with its packages in node_modules/.cache. Compiled rules stay in it, too. */
export async function oracleFolder(): Promise<string> {
  const folder = join(CACHE, `e-invoice-oracle-${hashOfShared()}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const making = `${folder}.${process.pid}`;
  await run('cp', ['-R', SHARED, making]);
  await run('chmod', ['-R', 'u+w', making]);
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: making });
  try {
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true });
    // Another test was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Over all of its files, so that new rules get a new copy. */
function hashOfShared(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(SHARED, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) hash.update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex').slice(0, 12);
}
