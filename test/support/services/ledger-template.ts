/**
 * An empty, migrated embedded ledger that each test copies. PGlite takes 8 s of CPU to make one, and 0.7 s to copy
 * and open it. It is kept in node_modules/.cache until a migration or PGlite changes.
 */

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migratePglite } from '../../../src/adapters/pglite/migrate.ts';
import { openPglite } from '../../../src/adapters/pglite/open.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/postmeter');

/** Passes the folder to the workers of vitest, and to programs that run without it. */
const TEMPLATE = 'POSTMETER_TEST_LEDGER_TEMPLATE';

/** Makes the template unless an earlier run has made it. */
export async function makeLedgerTemplate(): Promise<void> {
  const template = join(CACHE, `ledger-${versionOfLedger()}`);
  process.env[TEMPLATE] = template;
  if (existsSync(template)) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'making-'));
  try {
    const ledger = await openPglite(folder);
    await migratePglite(ledger);
    await ledger.close();
    renameSync(join(folder, 'ledger'), template);
  } catch (error) {
    // Another run may have made it in the meantime.
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies the empty ledger into a data folder that has none. Without a template, the product makes the ledger. */
export function copyLedgerTemplate(dataDir: string): void {
  const template = process.env[TEMPLATE];
  const ledger = join(dataDir, 'ledger');
  if (template !== undefined && !existsSync(ledger)) cpSync(template, ledger, { recursive: true });
}

/** A hash of the migrations and of the pinned versions of all dependencies, including PGlite. */
function versionOfLedger(): string {
  const migrations = join(ROOT, 'drizzle');
  const files = readdirSync(migrations)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package.json')));
  for (const file of files) hash.update(readFileSync(join(migrations, file)));
  return hash.digest('hex').slice(0, 16);
}
