/** The format of a log, and the time that a log covers. */

import type { ParseLine } from '../../../reconcile/log-line.ts';

/** The expected format of the lines of a log. */
export interface LogForm {
  readonly parse: ParseLine;
  /** Describes a valid line. */
  readonly expected: string;
  /** Names the options that locate the values in a line. */
  readonly options: string;
}

/** From the first to the last line of the logs, epoch milliseconds. */
export interface LogSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}
