/** Locks a journal's folder, so that one process at a time opens it. */

import { JournalError } from '../../../meter/port.ts';
import { lockFolder } from '../folder-lock.ts';

/** Creates the folder if needed; returns a function that unlocks it. Throws `journal_locked`, `journal_write_failed`. */
export function lockJournal(folder: string): () => void {
  const lock = lockFolder(folder, 'journal.lock');
  switch (lock.kind) {
    case 'locked':
      return lock.unlock;
    case 'in_use':
      throw new JournalError(
        'journal_locked',
        `The journal folder ${folder} is in use by another process. Stop it, or set a different DATA_DIR for this one.`,
      );
    case 'unusable':
      throw new JournalError(
        'journal_write_failed',
        `The journal folder ${folder} cannot be used: ${lock.cause.message}. Make it a folder that this user can ` +
          'write to, or set DATA_DIR to such a folder.',
        { cause: lock.cause },
      );
  }
}
