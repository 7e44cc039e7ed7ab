/** How a journal says that it refuses: what could not be done in which folder, and how to fix it. */

import { JournalError } from '../../../meter/port.ts';

/** `what`: was not done to the journal (`opened`, `written`, `synced`, ...). */
export function journalFailed(folder: string, what: string, cause: unknown): JournalError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new JournalError(
    'journal_write_failed',
    `The journal ${folder} could not be ${what}: ${reason}. Check the space and rights of that disk.`,
    { cause },
  );
}

export function journalFull(folder: string, maxBytes: number, confirmed: number): JournalError {
  return new JournalError(
    'journal_full',
    `The journal ${folder} has reached its bound of ${maxBytes} bytes: the ledger has confirmed nothing ` +
      `after record ${confirmed}. Bring the ledger back, or raise the journal's maxBytes.`,
  );
}

/** Also what a disk says that has a quota. */
export function isOutOfSpace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
