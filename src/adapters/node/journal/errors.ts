/** Error messages of the journal: the operation that failed, the folder, and how to fix it. */

import { JournalError } from '../../../meter/port.ts';

/** @param what the operation that failed, as a participle (`opened`, `written`, `synced`, ...). */
export function journalFailed(folder: string, what: string, cause: unknown): JournalError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new JournalError(
    'journal_write_failed',
    `The journal ${folder} could not be ${what}: ${reason}. Check free space and permissions on that disk.`,
    { cause },
  );
}

export function journalFull(folder: string, maxBytes: number, confirmed: number): JournalError {
  return new JournalError(
    'journal_full',
    `The journal ${folder} has reached its limit of ${maxBytes} bytes: the ledger has confirmed nothing ` +
      `after record ${confirmed}. Make the ledger available again, or raise the journal's maxBytes.`,
  );
}

/** True if the disk is full or a quota is exceeded. */
export function isOutOfSpace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
