/** Checks the request for a what-if: its terms, its range and its clients. */

import type { z } from '@hono/zod-openapi';
import { isPrefix } from '../../../meter/client-id.ts';
import { bucketOf } from '../../../meter/usage.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { countsUnique } from '../../../tariff/counted.ts';
import type { Tariff } from '../../../tariff/tariff.ts';
import type { WhatIfChange, WhatIfScope, WhatIfTask } from '../../../whatif/port.ts';
import type { AdminDeps } from '../../deps.ts';
import { fieldProblem } from '../../problem.ts';
import { existingClient } from '../clients/clients.ts';
import { startOf, termsOf } from '../tariffs/tariff-change.ts';
import type { NewWhatIf } from './what-if-schemas.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** One quarter: a pass over every minute of it takes some milliseconds, for which the process does nothing else. */
const MAX_DAYS = 92;

type Deps = Pick<AdminDeps, 'store' | 'whatIfs' | 'now' | 'newId' | 'rules'>;
type Given = z.output<typeof NewWhatIf>;

/** Throws a problem that names the field. */
export async function taskFrom(deps: Deps, given: Given): Promise<WhatIfTask> {
  const terms = checkedTerms(given, deps.rules.bucketSeconds);
  const range = rangeOf(given, deps);
  const change = given.change === undefined ? null : await changeOf(deps, given.change);
  return { id: deps.newId(), terms, ...range, scope: await scopeOf(deps, given.scope), change };
}

function checkedTerms(given: Given, bucketSeconds: number): Tariff {
  const terms = termsOf(given.terms, null, bucketSeconds)!;
  if (!countsUnique({ tariff: terms })) return terms;
  throw fieldProblem(
    400,
    'terms.count',
    'is "unique", but the ledger has the ids of posts only for periods in which a tariff counted them',
    'use "deliveries"',
  );
}

function rangeOf(given: Given, { now, rules }: Deps) {
  const nowMs = now();
  const toMs = bucketOf(given.to ?? nowMs, rules.bucketSeconds);
  if (toMs > nowMs)
    throw fieldProblem(400, 'to', 'is in the future', `use a time up to ${isoTimestamp(nowMs)}`);
  const fromMs = bucketOf(given.from ?? toMs - DEFAULT_DAYS * DAY_MS, rules.bucketSeconds);
  if (fromMs >= toMs)
    throw fieldProblem(400, 'from', 'is not before `to`', `use a time before ${isoTimestamp(toMs)}`);
  if (toMs - fromMs > MAX_DAYS * DAY_MS) {
    throw fieldProblem(
      400,
      'from',
      `is more than ${MAX_DAYS} days before \`to\``,
      `use a time from ${isoTimestamp(toMs - MAX_DAYS * DAY_MS)} on, and try other ranges one after another`,
    );
  }
  return { fromMs, toMs };
}

async function scopeOf({ whatIfs }: Deps, scope: Given['scope']): Promise<WhatIfScope> {
  const { clients } = scope;
  if (typeof clients === 'string') return scope;
  const range = clients.find(isPrefix);
  if (range !== undefined) {
    const hint = 'name clients and single callers';
    throw fieldProblem(400, 'scope.clients', `names the address range ${range}, which is never billed`, hint);
  }
  const [unknown] = await whatIfs.unknownClients(clients);
  if (unknown !== undefined)
    throw fieldProblem(
      404,
      'scope.clients',
      `names a client that does not exist: ${unknown}`,
      'see /v1/clients',
    );
  return { ...scope, clients: [...new Set(clients)] };
}

async function changeOf(deps: Deps, given: NonNullable<Given['change']>): Promise<WhatIfChange> {
  const { clientId, supersedes, ...start } = given;
  if (clientId !== null) await existingClient(deps.store, clientId);
  const validFromMs = await startOf(deps, clientId, { ...start, supersedes, correction: true }, deps.now());
  return { clientId, validFromMs, supersedes: supersedes ?? null };
}
