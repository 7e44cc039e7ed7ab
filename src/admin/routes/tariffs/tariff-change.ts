/** Adds and withdraws versions of a tariff. It owns the rules for their start time and their terms. */

import type { z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { countsUnique } from '../../../tariff/counted.ts';
import type { RetirementRefusal } from '../../../tariff/retirement.ts';
import { parseTariff } from '../../../tariff/terms.ts';
import { timelineOf } from '../../../tariff/timeline.ts';
import type { Caller } from '../../auth.ts';
import type { AdminDeps } from '../../deps.ts';
import type { TariffRecord } from '../../port.ts';
import { faultsProblem, fieldProblem } from '../../problem.ts';
import { unknownClient } from '../clients/clients.ts';
import type { NewVersion } from './tariff-schemas.ts';

export type TariffDeps = Pick<AdminDeps, 'store' | 'now' | 'newId' | 'rules'>;

/** Throws a problem if the version is invalid or cannot be added. */
export async function addVersion(
  deps: TariffDeps,
  caller: Caller,
  clientId: string | null,
  given: z.output<typeof NewVersion>,
): Promise<TariffRecord> {
  const nowMs = deps.now();
  const { reason } = given;
  const validFromMs = await startOf(deps, clientId, given, nowMs);
  const version = {
    id: deps.newId(),
    clientId,
    supersedes: given.supersedes ?? null,
    validFromMs,
    tariff: termsOf(given.terms, clientId, deps.rules.bucketSeconds),
    reason,
  };
  if (version.tariff !== null && countsUnique({ tariff: version.tariff })) {
    await demandKnownIds(deps, clientId, version.validFromMs, nowMs);
  }
  const result = await deps.store.addTariffVersion(version, { actor: caller.actor, atMs: nowMs });
  if (result.kind === 'unknown_client') throw unknownClient(clientId ?? '');
  if (result.kind === 'same_moment') {
    const { id, version: number } = result.version;
    throw fieldProblem(
      409,
      'validFrom',
      `is the start of version ${number}: ${isoTimestamp(version.validFromMs)}`,
      `set supersedes to ${id} to replace it, or choose a time at least ${deps.rules.bucketSeconds} s apart`,
      'already_exists',
    );
  }
  if (result.kind !== 'added') throw retirementProblem('supersedes', result);
  return result.version;
}

/** Throws a problem if the version does not exist or is already in force. */
export async function withdrawVersion(
  { store, now }: TariffDeps,
  caller: Caller,
  clientId: string | null,
  versionId: string,
  reason: string,
): Promise<TariffRecord> {
  const who = { actor: caller.actor, atMs: now() };
  const result = await store.withdrawTariffVersion(clientId, versionId, reason, who);
  if (result.kind === 'withdrawn') return result.version;
  throw retirementProblem('versionId', result);
}

type Start = Pick<z.output<typeof NewVersion>, 'validFrom' | 'supersedes' | 'correction'>;

/** When a new version takes effect, in epoch milliseconds. Throws a problem if it may not. */
export async function startOf(
  deps: Pick<TariffDeps, 'store' | 'rules'>,
  clientId: string | null,
  given: Start,
  nowMs: number,
): Promise<number> {
  return given.supersedes === undefined
    ? momentOf(given, nowMs, deps.rules.bucketSeconds * 1000)
    : supersededMoment(deps, clientId, given.supersedes, given.validFrom);
}

async function supersededMoment(
  { store }: Pick<TariffDeps, 'store'>,
  clientId: string | null,
  id: string,
  wantedMs: number | undefined,
): Promise<number> {
  const version = await store.tariffVersion(clientId, id);
  if (version === null) throw retirementProblem('supersedes', { kind: 'unknown_version' });
  const { validFromMs } = version;
  if (wantedMs === undefined || wantedMs === validFromMs) return validFromMs;
  throw fieldProblem(
    400,
    'validFrom',
    'is not the start of the version that `supersedes` names',
    `omit it, or use ${isoTimestamp(validFromMs)}`,
  );
}

function retirementProblem(field: string, refusal: RetirementRefusal | { readonly kind: 'unknown_version' }) {
  switch (refusal.kind) {
    case 'unknown_version':
      return fieldProblem(404, field, 'is not a version of this tariff', 'list the versions with GET');
    case 'retired':
      return fieldProblem(409, field, 'is a retired version', 'list the versions with GET');
    case 'applies':
      return fieldProblem(
        409,
        field,
        'is a version that is already in force',
        'supersede it with a new version, or add a version with a later start',
        'tariff_applies',
      );
    case 'invoiced':
      return fieldProblem(
        409,
        field,
        `is a version that issued invoice ${refusal.number} has a line of`,
        'add a version with a later start and correction: true; billing drafts a supplement or a credit note',
        'tariff_invoiced',
      );
  }
}

/** Throws if the ledger lacks post ids: it keeps them only for periods in which a tariff counts unique posts. */
async function demandKnownIds(
  { store, rules }: TariffDeps,
  clientId: string | null,
  fromMs: number,
  nowMs: number,
): Promise<void> {
  // The default tariff has the timeline of a client without its own versions.
  const periods = timelineOf(clientId ?? '', await store.tariffsFor([clientId ?? '']), rules.bucketSeconds);
  const since = periods.filter((period) => period.toMs > fromMs && period.fromMs < nowMs);
  if (fromMs >= nowMs || since.every(countsUnique)) return;
  throw fieldProblem(
    400,
    'validFrom',
    'is in a period in which posts were not counted by id, so the ledger does not have their ids',
    'use a time from now on, or count "deliveries"',
  );
}

function momentOf(given: Start, nowMs: number, bucketMs: number): number {
  const wantedMs = given.validFrom ?? nowMs;
  if (wantedMs < nowMs && !given.correction) {
    throw fieldProblem(
      400,
      'validFrom',
      `is in the past: the current time is ${isoTimestamp(nowMs)}`,
      'use a later time, or set correction to true to have billing since then recomputed',
    );
  }
  return Math.ceil(wantedMs / bucketMs) * bucketMs;
}

/** Parses the terms of a version. Throws a problem that names each fault; null is a fault if `clientId` is null. */
export function termsOf(
  terms: Record<string, unknown> | null,
  clientId: string | null,
  bucketSeconds: number,
) {
  if (terms === null) {
    if (clientId !== null) return null;
    throw fieldProblem(
      400,
      'terms',
      'is null',
      'send the terms: the default tariff cannot fall back on another tariff',
    );
  }
  const parsed = parseTariff(terms, bucketSeconds);
  if (parsed.ok) return parsed.tariff;
  throw faultsProblem(
    parsed.problems.map(({ field, ...why }) => ({
      field: field === '' ? 'terms' : `terms.${field}`,
      ...why,
    })),
  );
}
