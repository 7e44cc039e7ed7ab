/** The port of what-ifs: what the admin API reads and writes of them. `src/whatif/port.ts` has what working on them needs. */

import type { ComparedClient } from '../whatif/comparison.ts';
import type { ChangedInvoice } from '../whatif/corrections.ts';
import type { WhatIfFigures } from '../whatif/figures.ts';
import type { WhatIfState, WhatIfTask } from '../whatif/port.ts';
import type { Actor, Page, PageRequest } from './port.ts';

export interface WhatIfRecord extends WhatIfTask {
  readonly state: WhatIfState;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly totalClients: number;
  readonly checkedClients: number;
  readonly finishedAtMs: number | null;
  /** Null unless it failed. */
  readonly failure: string | null;
  /** Over the clients checked so far; null before the first page. */
  readonly figures: WhatIfFigures | null;
  /** Null without a change, and until it is done. */
  readonly invoices: readonly ChangedInvoice[] | null;
}

/** More than these may not wait and run. */
export const MAX_UNFINISHED_WHAT_IFS = 20;

export interface WhatIfStore {
  /** `too_many`: `MAX_UNFINISHED_WHAT_IFS` wait and run. */
  createWhatIf(task: WhatIfTask, who: Actor): Promise<WhatIfRecord | 'too_many'>;
  whatIf(id: string): Promise<WhatIfRecord | null>;
  /** Newest first. */
  whatIfs(page: PageRequest): Promise<Page<WhatIfRecord>>;
  /** Returns null if it does not exist, `finished` if it neither waits nor runs. */
  cancelWhatIf(id: string, who: Actor): Promise<WhatIfRecord | 'finished' | null>;
  /** Returns null if it does not exist, `not_stopped` if it was neither cancelled nor failed. */
  resumeWhatIf(id: string, who: Actor): Promise<WhatIfRecord | 'not_stopped' | 'too_many' | null>;
  /** The compared clients, the highest peak first. */
  whatIfClients(id: string, page: PageRequest): Promise<Page<ComparedClient>>;
  /** Those of the ids that name no client. */
  unknownClients(ids: readonly string[]): Promise<readonly string[]>;
}
