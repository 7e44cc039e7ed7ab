/** The words of dunning letters and statements of account. */

import type { STATEMENT_ROW_KINDS } from '../input.ts';

export interface DunningTexts {
  /** Title and text by level; the last one also serves higher levels. */
  readonly levels: ReadonlyArray<{
    readonly title: string;
    readonly text: (number: string, date: string, due: string) => string;
  }>;
  readonly outstanding: string;
  readonly account: string;
  readonly entryKinds: {
    readonly charge: string;
    readonly payment: string;
    readonly credit: string;
    readonly write_off: string;
    readonly reversal: string;
  };
  readonly paid: string;
  readonly date: string;
  readonly entry: string;
  readonly balance: string;
  readonly statement: string;
  readonly period: string;
  readonly periodOf: (from: string, to: string) => string;
  readonly currency: string;
  readonly opening: string;
  readonly closing: string;
  readonly inYourFavour: string;
  readonly rowKinds: Readonly<Record<(typeof STATEMENT_ROW_KINDS)[number], string>>;
  readonly statementNote: string;
}
