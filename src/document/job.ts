/** Makes the documents that issued invoices and dunnings lack. Several processes may run it at once. */

import type { MakeOutcome } from './maker.ts';
import type { DocumentLedger } from './port.ts';

export interface DocumentJobDeps {
  readonly ledger: Pick<DocumentLedger, 'unmade'>;
  readonly maker: { makeWanted(subject: string, by: string): Promise<readonly MakeOutcome[]> };
  readonly onRefusal: (refusal: Extract<MakeOutcome, { kind: 'refused' }>) => void;
  /** An unexpected error. The next run tries the subject again. */
  readonly onError: (error: unknown, subject: string) => void;
}

/** Actor of the documents that the job makes. */
export const DOCUMENT_JOB = 'billing';
/** A document takes up to some 200 ms of CPU. What is left waits for the next run. */
const MAX_SUBJECTS = 10;
/** An input that was refused changes rarely. */
const RETRY_MS = 6 * 3_600_000;
/** Longer than a transaction takes from its clock to its commit, and than clocks of processes differ. */
const OVERLAP_MS = 600_000;

export class DocumentJob {
  readonly #deps: DocumentJobDeps;
  /** Everything that was issued earlier has its documents. */
  #doneMs = 0;

  constructor(deps: DocumentJobDeps) {
    this.#deps = deps;
  }

  /** Rejects only if the ledger cannot be asked. */
  async run(nowMs: number): Promise<void> {
    const { ledger, maker, onRefusal, onError } = this.#deps;
    const subjects = await ledger.unmade(this.#doneMs, nowMs - RETRY_MS, MAX_SUBJECTS);
    let hasFailed = false;
    for (const subject of subjects) {
      try {
        for (const outcome of await maker.makeWanted(subject, DOCUMENT_JOB)) {
          if (outcome.kind === 'refused') onRefusal(outcome);
        }
      } catch (error) {
        hasFailed = true;
        onError(error, subject);
      }
    }
    if (subjects.length < MAX_SUBJECTS && !hasFailed) this.#doneMs = nowMs - OVERLAP_MS;
  }
}
