/**
 * One process per data folder. PGlite takes no lock, and two processes on one folder lose committed rows in silence,
 * so this holds an exclusive lock of the operating system on a file in it; the system frees it when the process dies.
 */

import { mkdir, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LedgerError } from '../postgres/db.ts';

interface NativeLocks {
  tryLock(fd: number): boolean;
}

/** The package is CommonJS without types. */
const locks: NativeLocks = createRequire(import.meta.url)('fs-native-extensions');

/** Within one process the system's lock does not tell two openers apart on every platform; this does. */
const held = new Set<string>();

/**
 * Makes the folder if need be and locks it. Returns the unlocking. Throws `LedgerError` with code `data_dir_in_use`
 * where another has it, `data_dir_unusable` where the folder cannot be made or written.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  if (held.has(folder)) throw inUse(folder);
  held.add(folder);
  try {
    const file = await openLockFile(folder);
    if (!locks.tryLock(file.fd)) {
      await file.close();
      throw inUse(folder);
    }
    return async () => {
      held.delete(folder);
      await file.close();
    };
  } catch (error) {
    held.delete(folder);
    throw error;
  }
}

async function openLockFile(folder: string) {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await open(join(folder, 'ledger.lock'), 'a', 0o600);
  } catch (error) {
    throw new LedgerError(
      'data_dir_unusable',
      `DATA_DIR ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}. ` +
        'Make it a folder that this user may write, or set DATA_DIR to one.',
      error,
    );
  }
}

function inUse(folder: string): LedgerError {
  return new LedgerError(
    'data_dir_in_use',
    `DATA_DIR ${folder} is in use by another Postmeter process. Stop that one, give this one a DATA_DIR of its own, ` +
      'or set DATABASE_URL so that several can share a PostgreSQL ledger.',
  );
}
