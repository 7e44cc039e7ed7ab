/** One opener per journal: the folder's lock, and what is said where it cannot be had. */

import { JournalError } from '../../../meter/port.ts';
import { lockFolder } from '../folder-lock.ts';

/** Makes the folder if need be; returns what lets go of it. Throws `journal_locked`, `journal_write_failed`. */
export function lockJournal(folder: string): () => void {
  const lock = lockFolder(folder, 'journal.lock');
  switch (lock.kind) {
    case 'locked':
      return lock.unlock;
    case 'in_use':
      throw new JournalError(
        'journal_locked',
        `The journal folder ${folder} is in use by another process. Stop that one, or give this one a DATA_DIR of its own.`,
      );
    case 'unusable':
      throw new JournalError(
        'journal_write_failed',
        `The journal folder ${folder} cannot be used: ${lock.cause.message}. Make it a folder that this user may ` +
          'write, or set DATA_DIR to one.',
        { cause: lock.cause },
      );
  }
}
