/** The words of dunning letters and statements of account. */

import type { EntryKind } from '../../receivable/model.ts';
import type { MovementKind } from '../../receivable/statement.ts';

export interface DunningTexts {
  /** Title and text by level; the last one also serves higher levels. */
  readonly levels: ReadonlyArray<{
    readonly title: string;
    readonly text: (number: string, date: string, due: string) => string;
  }>;
  readonly outstanding: string;
  readonly account: string;
  readonly entryKinds: Readonly<Record<EntryKind, string>>;
  readonly paid: string;
  readonly paidWithoutAccount: string;
  readonly date: string;
  readonly entry: string;
  readonly balance: string;
  readonly entries: string;
  readonly statement: string;
  readonly period: string;
  readonly periodOf: (from: string, to: string) => string;
  readonly currency: string;
  readonly opening: string;
  readonly closing: string;
  readonly inYourFavour: string;
  readonly rowKinds: Readonly<Record<MovementKind, string>>;
  readonly statementNote: string;
}
