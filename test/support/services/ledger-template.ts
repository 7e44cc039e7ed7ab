/**
 * An empty, migrated embedded ledger, made once for a run and copied by each test that needs one: to make it takes
 * PGlite 8 s of CPU, to copy and open it 0.7 s.
 */

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPglite } from '../../../src/adapters/pglite/open.ts';
import { migratePglite } from '../../../src/adapters/postgres/connection/migrate.ts';

/** The environment reaches the workers of vitest, and programs that run without it. */
const TEMPLATE = 'POSTMETER_TEST_LEDGER_TEMPLATE';

/** @returns what removes it. */
export async function makeLedgerTemplate(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-template-'));
  const ledger = await openPglite(folder);
  await migratePglite(ledger);
  await ledger.close();
  process.env[TEMPLATE] = join(folder, 'ledger');
  return () => rmSync(folder, { recursive: true });
}

/** Puts an empty ledger into a data folder that has none. If the run has no template, the product makes the ledger. */
export function copyLedgerTemplate(dataDir: string): void {
  const template = process.env[TEMPLATE];
  const ledger = join(dataDir, 'ledger');
  if (template !== undefined && !existsSync(ledger)) cpSync(template, ledger, { recursive: true });
}
