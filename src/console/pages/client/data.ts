/** What the page of one client reads from the API. Each part fails by itself; only an unknown client fails the page. */

import type { z } from 'zod';
import type { AskersJson } from '../../../admin/routes/askers/askers.ts';
import type { AuditEntryJson } from '../../../admin/routes/audit.ts';
import type { BillingHoldJson } from '../../../admin/routes/billing-holds.ts';
import type { BreachSchema } from '../../../admin/routes/breaches.ts';
import type { ChartSchema } from '../../../admin/routes/clients/client-chart.ts';
import type { ClientSchema } from '../../../admin/routes/clients/client-schemas.ts';
import type { CoDebtorSchema } from '../../../admin/routes/clients/co-debtors.ts';
import type { NoteJson } from '../../../admin/routes/clients/notes.ts';
import type { PolicyJson } from '../../../admin/routes/clients/policies.ts';
import type { ReadingsSchema } from '../../../admin/routes/clients/readings.ts';
import type { ListedIdentifierSchema } from '../../../admin/routes/identifiers/identifier-schemas.ts';
import type { ListedInvoice } from '../../../admin/routes/invoices/invoice-schemas.ts';
import type { BalancesJson } from '../../../admin/routes/payments/statement.ts';
import type { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import type { SeriesSchema } from '../../../admin/routes/usage/usage.ts';
import { type Answer, api, type PageOf } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import type { ReceiverJson } from '../../parts/alerts.tsx';
import { utcOf } from '../../parts/filter.tsx';

export type ClientJson = z.output<typeof ClientSchema>;
type ChartJson = z.output<typeof ChartSchema>;
export type BreachJson = z.output<typeof BreachSchema>;
export type ReadingsJson = z.output<typeof ReadingsSchema>;
export type IdentifierJson = z.output<typeof ListedIdentifierSchema>;
export type VersionJson = z.output<typeof VersionSchema>;
export type CoDebtorJson = z.output<typeof CoDebtorSchema>;
export type SeriesJson = z.output<typeof SeriesSchema>;

export interface ClientData {
  readonly client: ClientJson;
  /** Where the client is in the API: `/v1/clients/acme`. */
  readonly path: string;
  /** The last two days, which end now. */
  readonly latest: Answer<ChartJson>;
  /** The chosen range, with its address in the API. */
  readonly chart: Answer<ChartJson>;
  readonly chartPath: string;
  readonly readings: Answer<ReadingsJson>;
  readonly breaches: Answer<PageOf<BreachJson>>;
  readonly invoices: Answer<PageOf<ListedInvoice>>;
  readonly identifiers: Answer<PageOf<IdentifierJson>>;
  readonly own: Answer<PageOf<VersionJson>>;
  readonly general: Answer<PageOf<VersionJson>>;
  readonly usage: Answer<SeriesJson>;
  readonly notes: Answer<PageOf<NoteJson>>;
  readonly audit: Answer<PageOf<AuditEntryJson>>;
  readonly policy: Answer<PolicyJson>;
  readonly holds: Answer<PageOf<BillingHoldJson>>;
  readonly receivers: Answer<PageOf<ReceiverJson>>;
  readonly askers: Answer<AskersJson>;
  readonly coDebtors: Answer<PageOf<CoDebtorJson>>;
  readonly balances: Answer<BalancesJson>;
}

const DAY_MS = 86_400_000;
/** Ranges that end now, in days. */
export const RANGE_DAYS: ReadonlyMap<string, number> = new Map([
  ['48h', 2],
  ['7d', 7],
  ['30d', 30],
]);
const USAGE_DAYS = 14;
const SHOWN = 20;
const TERMS = ['threshold', 'price', 'block', 'currency', 'windowSeconds'];

/** Returns the problem of the client itself, if it cannot be read. */
export async function readClient(c: PageContext): Promise<Answer<ClientData>> {
  const id = c.req.param('id') ?? '';
  const path = `/v1/clients/${encodeURIComponent(id)}`;
  const { get } = api(c);
  const client = await get<ClientJson>(path);
  if (!client.ok) return client;
  const latest = await get<ChartJson>(`${path}/chart`);
  const range = rangeOf(c, latest.ok ? latest.value.to : undefined);
  const isLatest = Object.keys(range).length === 0;
  const chart = isLatest ? latest : await get<ChartJson>(`${path}/chart`, range);
  const breaches = await get<PageOf<BreachJson>>('/v1/breaches', { client: id, limit: SHOWN });
  const [
    readings,
    invoices,
    identifiers,
    own,
    general,
    usage,
    notes,
    audit,
    policy,
    holds,
    receivers,
    askers,
    coDebtors,
    balances,
  ] = await Promise.all([
    get<ReadingsJson>(`${path}/readings`, readingsQuery(c, isLatest, breaches, chart)),
    get<PageOf<ListedInvoice>>('/v1/invoices', { client: id, limit: SHOWN }),
    get<PageOf<IdentifierJson>>(`${path}/identifiers`, { limit: 200 }),
    get<PageOf<VersionJson>>(`${path}/tariffs`, { limit: SHOWN }),
    get<PageOf<VersionJson>>('/v1/tariffs', { limit: SHOWN }),
    get<SeriesJson>(`${path}/usage`, usageQuery(latest)),
    get<PageOf<NoteJson>>(`${path}/notes`, { limit: SHOWN }),
    get<PageOf<AuditEntryJson>>('/v1/audit', { under: `clients/${id}`, limit: SHOWN }),
    get<PolicyJson>(`${path}/policy`),
    get<PageOf<BillingHoldJson>>('/v1/billing-holds', { client: id, limit: SHOWN }),
    get<PageOf<ReceiverJson>>('/v1/receivers', { limit: 200 }),
    get<AskersJson>('/v1/askers', { client: id }),
    get<PageOf<CoDebtorJson>>(`${path}/co-debtors`, { limit: 100 }),
    get<BalancesJson>(`${path}/balances`),
  ]);
  const chartPath = `${path}/chart${isLatest ? '' : `?${new URLSearchParams(range)}`}`;
  return {
    ok: true,
    value: {
      ...{ client: client.value, path, latest, chart, chartPath, readings, breaches, invoices, identifiers },
      ...{ own, general, usage, notes, audit, policy, holds, receivers, askers, coDebtors, balances },
    },
  };
}

/** The chosen range as the API takes it. Empty for the last two days. */
function rangeOf(c: PageContext, nowText: string | undefined): Record<string, string> {
  const { from, to, range = '48h' } = c.req.query();
  const given = Object.entries({ from: utcOf(from), to: utcOf(to) }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const days = RANGE_DAYS.get(range);
  if (given.length > 0 || range === '48h' || days === undefined || nowText === undefined) {
    return Object.fromEntries(given);
  }
  return { from: new Date(Date.parse(nowText) - days * DAY_MS).toISOString() };
}

/** The chosen range, or the newest breach, with the terms to try. */
function readingsQuery(
  c: PageContext,
  isLatest: boolean,
  breaches: Answer<PageOf<BreachJson>>,
  chart: Answer<ChartJson>,
): Record<string, string | undefined> {
  const query = c.req.query();
  const terms = Object.fromEntries(TERMS.map((name) => [name, query[name]]));
  const newest = breaches.ok && isLatest ? breaches.value.items[0] : undefined;
  const { from, to } = newest ?? (chart.ok ? chart.value : { from: undefined, to: undefined });
  return { from, to, ...terms };
}

function usageQuery(latest: Answer<ChartJson>): Record<string, string> {
  if (!latest.ok) return { step: 'day' };
  const fromMs = Date.parse(latest.value.to) - USAGE_DAYS * DAY_MS;
  return { step: 'day', from: new Date(fromMs).toISOString(), to: latest.value.to };
}
