/** One process per folder, held by a real lock of the operating system: it falls away when the process dies. */

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { JournalError } from '../../meter/port.ts';

interface NativeLocks {
  tryLock(fd: number): boolean;
}

/** The package is CommonJS and carries no types. */
const locks: NativeLocks = createRequire(import.meta.url)('fs-native-extensions');

/**
 * Makes the folder if need be and locks it; returns the unlocking. Throws `JournalError`: `journal_locked` where
 * another opener lives, `journal_write_failed` where the folder cannot be made or written.
 */
export function lockJournalFolder(folder: string): () => void {
  const fd = openLockFile(folder);
  if (!locks.tryLock(fd)) {
    closeSync(fd);
    throw new JournalError(
      'journal_locked',
      `The journal folder ${folder} is in use by another process. Stop that one, or give this one a DATA_DIR of its own.`,
    );
  }
  return () => closeSync(fd);
}

function openLockFile(folder: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, 'journal.lock'), 'a', 0o600);
  } catch (cause) {
    throw new JournalError(
      'journal_write_failed',
      `The journal folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Make it a folder that this user may write, or set DATA_DIR to one.',
      { cause },
    );
  }
}
