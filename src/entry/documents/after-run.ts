/** Makes missing documents after each billing run of the leading process. */

import type { AdminLog } from '../../admin/port.ts';
import { DocumentJob } from '../../document/job.ts';
import type { DocumentMaker } from '../../document/maker.ts';
import type { DocumentLedger } from '../../document/port.ts';

/** The returned function never rejects. */
export function documentsAfterRun(ledger: DocumentLedger, maker: DocumentMaker, log: AdminLog) {
  const job = new DocumentJob({
    ...{ ledger, maker },
    onRefusal: ({ key, error }) =>
      log.warn(
        { subject: key.subject, format: key.format, copy: key.copy, code: error.code, reason: error.message },
        'a document cannot be made; it is tried again in six hours',
      ),
    onError: (error, subject) =>
      log.error(
        { err: error, subject, code: 'document_failed' },
        'a document was not made; the next run retries it',
      ),
  });
  return async (nowMs: number): Promise<void> => {
    try {
      await job.run(nowMs);
    } catch (error) {
      log.warn({ err: error }, 'missing documents cannot be found now; the next run retries it');
    }
  };
}
