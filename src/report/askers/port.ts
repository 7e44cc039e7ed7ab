/** What askers received and what was withheld from them, by hour. No invoice depends on these figures. */

import type { Asker, AskerClass } from '../../rights/asker.ts';
import type { StateMask } from '../../rights/state.ts';

/** One kind of answers: who asked, for what, and whether it was withheld. */
export interface ExposureKind {
  /** Empty for people, for callers of class `unknown`, and for clients beyond the bound. */
  readonly clientId: string;
  readonly class: AskerClass;
  /** Empty if there is none. */
  readonly alsoAs: AskerClass | '';
  /** Empty if no agent is claimed or proven. */
  readonly agent: string;
  readonly evidence: Asker['evidence'];
  readonly verdict: Exclude<Asker['verdict'], null> | '';
  /** Name of the first route that may match the request; empty without a route. */
  readonly route: string;
  readonly mask: StateMask;
  readonly isWithheld: boolean;
}

export interface ExposureSums extends ExposureKind {
  readonly answers: number;
  readonly posts: number;
}

/** Additions of one hour. */
export interface ExposureHour {
  /** Start of the UTC hour, epoch milliseconds. */
  readonly hourMs: number;
  readonly sums: readonly ExposureSums[];
}

/** Sums of one class in one hour. */
export interface ClassHour {
  readonly hourMs: number;
  readonly class: AskerClass;
  readonly answers: number;
  readonly posts: number;
  readonly withheld: number;
}

export interface AskerLedger {
  /** Sums over the hours that start in [fromMs, toMs). @param clientId default: all askers. */
  exposures(fromMs: number, toMs: number, clientId?: string): Promise<readonly ExposureSums[]>;
  /** By hour and class, in order of time. @param clientId default: all askers. */
  classHours(fromMs: number, toMs: number, clientId?: string): Promise<readonly ClassHour[]>;
}
