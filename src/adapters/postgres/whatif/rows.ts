/** Converts what-ifs between their types and the ledger's rows. In JSON, money is text in minor units. */

import type { WhatIfRecord } from '../../../admin/what-if-port.ts';
import { parseStoredTariff } from '../../../tariff/terms.ts';
import type { Charged, ComparedClient } from '../../../whatif/comparison.ts';
import type { ChangedInvoice } from '../../../whatif/corrections.ts';
import type { WhatIfFigures } from '../../../whatif/figures.ts';
import type { ClaimedWhatIf, WhatIfTask } from '../../../whatif/port.ts';
import type { whatIfClients, whatIfs } from '../schema.ts';

type WhatIfRow = typeof whatIfs.$inferSelect;

/** Replaces each bigint with its text. */
type Stored<T> = T extends bigint ? string : T extends object ? { [K in keyof T]: Stored<T[K]> } : T;

export function stored<T extends object>(value: T): Stored<T> & Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)));
}

export function taskOf(row: WhatIfRow): WhatIfTask {
  const { id, terms, scope, change } = row;
  return {
    id,
    terms: parseStoredTariff(terms, id)!,
    scope,
    fromMs: row.fromAt.getTime(),
    toMs: row.toAt.getTime(),
    change: change ?? null,
  };
}

export function claimedOf(row: WhatIfRow): ClaimedWhatIf {
  const { after, checkedClients } = row;
  return { ...taskOf(row), after, checkedClients, figures: figuresOf(row) };
}

export function recordOf(row: WhatIfRow): WhatIfRecord {
  const { state, createdBy, totalClients, checkedClients, failure, invoices } = row;
  return {
    ...taskOf(row),
    ...{ state, createdBy, totalClients, checkedClients, failure },
    createdAtMs: row.createdAt.getTime(),
    finishedAtMs: row.finishedAt?.getTime() ?? null,
    figures: figuresOf(row),
    invoices: (invoices as Stored<ChangedInvoice>[] | null)?.map(invoiceOf) ?? null,
  };
}

export function comparedOf(row: typeof whatIfClients.$inferSelect): ComparedClient {
  const { clientId, posts, peakPosts, now, tried } = row;
  return {
    ...{ clientId, posts, peakPosts },
    now: chargedOf(now as Stored<Charged>),
    tried: chargedOf(tried as Stored<Charged>),
  };
}

function figuresOf({ figures }: WhatIfRow): WhatIfFigures | null {
  if (figures === null) return null;
  const { now, tried, readings, curve, ...counts } = figures as unknown as Stored<WhatIfFigures>;
  const withAmount = <T extends { readonly amountMinor: string }>(one: T) => ({
    ...one,
    amountMinor: BigInt(one.amountMinor),
  });
  return {
    ...counts,
    now: chargedOf(now),
    tried: chargedOf(tried),
    readings: readings.map(withAmount),
    curve: curve.map(withAmount),
  };
}

function chargedOf({ amounts, ...counts }: Stored<Charged>): Charged {
  const minor = Object.entries(amounts).map(([currency, text]) => [currency, BigInt(text)] as const);
  return { ...counts, amounts: Object.fromEntries(minor) };
}

function invoiceOf({ amountMinor, differenceMinor, ...same }: Stored<ChangedInvoice>): ChangedInvoice {
  return { ...same, amountMinor: BigInt(amountMinor), differenceMinor: BigInt(differenceMinor) };
}
