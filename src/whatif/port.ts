/** What a what-if needs from the ledger: its own record, which it saves as it goes, and what it reads. It bills nothing. */

import type { BillingAccount } from '../invoice/port.ts';
import type { DeliveriesAt, PostsAt } from '../tariff/posts.ts';
import type { Tariff, TariffVersion } from '../tariff/tariff.ts';
import type { ComparedClient } from './comparison.ts';
import type { ChangedInvoice } from './corrections.ts';
import type { WhatIfFigures } from './figures.ts';

/**
 * `waiting` for one of the places of running what-ifs. `cancelled` and `failed` ones can be resumed, and continue after
 * the clients that they have saved.
 */
export type WhatIfState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface WhatIfScope {
  /** `default`: clients that follow the default tariff at the end of the range. */
  readonly clients: 'default' | 'all' | readonly string[];
  /** Whether `default` and `all` include callers known only by their address. */
  readonly callers: boolean;
}

/** A tariff version that might be added, whose effect on invoices is wanted. */
export interface WhatIfChange {
  /** Null for the default tariff. */
  readonly clientId: string | null;
  readonly validFromMs: number;
  readonly supersedes: string | null;
}

export interface WhatIfTask {
  readonly id: string;
  readonly terms: Tariff;
  readonly scope: WhatIfScope;
  /** Half open, on the starts of buckets. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly change: WhatIfChange | null;
}

/** What-ifs that run at the same time on one ledger. */
export const MAX_RUNNING_WHAT_IFS = 2;

/** How far a what-if has come. */
export interface WhatIfProgress {
  /** The last client that is in the figures; null before the first. Clients are in the order of their ids. */
  readonly after: string | null;
  readonly checkedClients: number;
  readonly figures: WhatIfFigures | null;
}

export interface ClaimedWhatIf extends WhatIfTask, WhatIfProgress {}

/** Moments are epoch milliseconds. `owner` names the place that works on a what-if. */
export interface WhatIfWork {
  /**
   * Takes the oldest what-if that waits, or whose owner has saved nothing since `abandonedMs`. Null if there is none,
   * or if `MAX_RUNNING_WHAT_IFS` run.
   */
  claim(owner: string, nowMs: number, abandonedMs: number): Promise<ClaimedWhatIf | null>;
  /** True if a what-if waits or runs anywhere. */
  isUnfinished(): Promise<boolean>;
  /** The next clients with usage or without, in the order of their ids. */
  clients(task: WhatIfTask, after: string | null, limit: number): Promise<readonly string[]>;
  /** Posts by UTC day within the range. Clients without posts are absent. */
  days(clientIds: readonly string[], task: WhatIfTask): Promise<ReadonlyMap<string, readonly PostsAt[]>>;
  /** The versions, not retired, of these clients and of the default tariff. */
  versions(clientIds: readonly string[]): Promise<readonly TariffVersion[]>;
  /** Usage within the range, one entry per bucket, in order of time. */
  served(clientId: string, task: WhatIfTask): Promise<readonly DeliveriesAt[]>;
  /** Adds compared clients and replaces the progress. False if the what-if is not the owner's any more. */
  save(
    id: string,
    owner: string,
    nowMs: number,
    progress: WhatIfProgress,
    compared: readonly ComparedClient[],
  ): Promise<boolean>;
  /** Gives the what-if back to wait. */
  release(id: string, owner: string): Promise<void>;
  /** `invoices` is null without a change. */
  finish(id: string, owner: string, nowMs: number, invoices: readonly ChangedInvoice[] | null): Promise<void>;
  /** `failure` is for people and contains no internals. */
  fail(id: string, owner: string, nowMs: number, failure: string): Promise<void>;
  /** Clients with an invoice that the change may alter, without those on hold. A superset is allowed. */
  changedClients(change: WhatIfChange): Promise<readonly string[]>;
  /** Runs `work` on the client's billing state as it would be after the task's change, in one snapshot without locks. */
  withChange(
    clientId: string,
    task: WhatIfTask,
    work: (account: Omit<BillingAccount, 'write'>) => Promise<void>,
  ): Promise<void>;
}
