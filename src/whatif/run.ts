/**
 * Works on what-ifs: claims one, compares its clients page by page and saves as it goes, so that it continues after a
 * restart. It never writes to breaches or invoices.
 */

import { billAccount } from '../billing.ts';
import type { Invoice } from '../invoice/model.ts';
import type { BillingChanges, BillingRules } from '../invoice/port.ts';
import { type ComparedClient, type Comparison, compareClient } from './comparison.ts';
import { floorsOf, isConcerned } from './concern.ts';
import { type ChangedInvoice, changedInvoices } from './corrections.ts';
import { addComparison, addUnconcerned, noFigures } from './figures.ts';
import { curveLimits, limitOf, withLimit } from './limit.ts';
import type { ClaimedWhatIf, WhatIfProgress, WhatIfTask, WhatIfWork } from './port.ts';

export interface WhatIfDeps {
  readonly work: WhatIfWork;
  readonly rules: BillingRules;
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Runs one pass over the usage of a client, then rests, so that the work takes a share of the processor. */
  readonly step: <T>(pass: () => T) => Promise<T>;
}

/** `lost`: another process has it, or it was cancelled. `stopped`: the signal aborted; it waits to be continued. */
type WhatIfOutcome = 'done' | 'lost' | 'stopped';

const CLIENTS_A_PAGE = 100;
/** Saving also tells other processes that this one is alive, and finds out that the what-if was cancelled. */
const SAVE_EVERY_MS = 2_000;

/** Rejects if the ledger fails; what was saved stays. */
export async function runWhatIf(
  claimed: ClaimedWhatIf,
  owner: string,
  deps: WhatIfDeps,
  signal: AbortSignal,
): Promise<WhatIfOutcome> {
  const { work, nowMs } = deps;
  let { after, checkedClients } = claimed;
  let figures = claimed.figures ?? noFigures(claimed.terms);
  let compared: ComparedClient[] = [];
  let savedMs = nowMs();
  const save = async (): Promise<boolean> => {
    const progress: WhatIfProgress = { after, checkedClients, figures };
    const isSaved = await work.save(claimed.id, owner, nowMs(), progress, compared);
    compared = [];
    savedMs = nowMs();
    return isSaved;
  };
  const isOurs = async () => nowMs() - savedMs < SAVE_EVERY_MS || save();
  const stop = async (): Promise<WhatIfOutcome> => {
    if (await save()) await work.release(claimed.id, owner);
    return 'stopped';
  };
  for (;;) {
    const clientIds = await work.clients(claimed, after, CLIENTS_A_PAGE);
    for await (const [clientId, found] of comparisons(clientIds, claimed, deps)) {
      if (found === 'unconcerned') figures = addUnconcerned(figures);
      else if (found !== 'unused') {
        figures = addComparison(figures, found);
        compared.push(found.client);
      }
      after = clientId;
      checkedClients++;
      if (signal.aborted) return stop();
      if (!(await isOurs())) return 'lost';
    }
    if (!(await save())) return 'lost';
    if (clientIds.length < CLIENTS_A_PAGE) break;
  }
  const invoices: ChangedInvoice[] = [];
  for (const clientId of await changedClients(claimed, deps)) {
    invoices.push(...(await invoicesOf(clientId, claimed, deps)));
    if (signal.aborted) return stop();
    if (!(await isOurs())) return 'lost';
  }
  await work.finish(claimed.id, owner, nowMs(), claimed.change === null ? null : invoices);
  return 'done';
}

/** `unused`: without posts in the range. */
type Found = Comparison | 'unused' | 'unconcerned';

async function* comparisons(
  clientIds: readonly string[],
  task: WhatIfTask,
  deps: WhatIfDeps,
): AsyncGenerator<[clientId: string, found: Found]> {
  const { work, rules, step } = deps;
  const { bucketSeconds } = rules;
  if (clientIds.length === 0) return;
  const days = await work.days(clientIds, task);
  const versions = await work.versions([...days.keys()]);
  const limits = curveLimits(task.terms);
  for (const clientId of clientIds) {
    const ofClient = days.get(clientId);
    if (ofClient === undefined) {
      yield [clientId, 'unused'];
      continue;
    }
    const applying = versions.filter((version) => version.clientId === null || version.clientId === clientId);
    const floors = floorsOf(
      [...lowest(task, limits), ...applying.map(({ tariff }) => tariff)],
      bucketSeconds,
    );
    if (!isConcerned(ofClient, floors)) {
      yield [clientId, 'unconcerned'];
      continue;
    }
    const served = await work.served(clientId, task);
    const { terms } = task;
    const passes = compareClient({ clientId, served, versions: applying, terms, limits, bucketSeconds });
    let pass = await step(() => passes.next());
    while (pass.done !== true) pass = await step(() => passes.next());
    yield [clientId, pass.value];
  }
}

/** The terms with the lowest limit that the figures need. */
function lowest({ terms }: WhatIfTask, limits: readonly number[]) {
  if (terms.kind === 'exempt') return [];
  return [withLimit(terms, Math.min(...limits, limitOf(terms)!))];
}

async function changedClients({ change }: WhatIfTask, { work }: WhatIfDeps): Promise<readonly string[]> {
  return change === null ? [] : work.changedClients(change);
}

/** The existing invoices of a client that billing would change or correct if the version of the change were added. */
async function invoicesOf(
  clientId: string,
  task: WhatIfTask,
  { work, rules, newId, nowMs }: WhatIfDeps,
): Promise<ChangedInvoice[]> {
  const before: Invoice[] = [];
  const planned: Invoice[] = [];
  await work.withChange(clientId, task, async (account) => {
    const invoices: typeof account.invoices = async (...asked) => {
      const found = await account.invoices(...asked);
      before.push(...found);
      return found;
    };
    const write = async (changes: BillingChanges) => {
      planned.push(...changes.invoices);
    };
    await billAccount({ ...account, invoices, write }, rules, newId, nowMs());
  });
  return changedInvoices(before, planned);
}
