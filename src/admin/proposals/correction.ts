/** The payload of a proposal of a manual credit note or supplement. */

import type { AskedCorrection, CreditGround } from '../../invoice/manual.ts';
import type { DisputeOutcome } from '../../receivable/model.ts';

export interface CorrectionPayload {
  readonly kind: AskedCorrection['kind'];
  /** `line` counts from 0. Amounts are decimal text of minor units. */
  readonly lines: ReadonlyArray<{ readonly line: number; readonly amountMinor: string }>;
  readonly ground: CreditGround | null;
  /** The dispute that the credit resolves; null if there is none. */
  readonly dispute: {
    readonly id: string;
    readonly outcome: DisputeOutcome;
    readonly text: string;
  } | null;
}
