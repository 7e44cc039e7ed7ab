/**
 * Computes what billing changes for one client, from the ledger's state and the recomputed breaches and months.
 * Pure and idempotent.
 */

import { breachState, closesAtMs, type RatedBreach } from '../tariff/breach.ts';
import type { RatedMonth } from '../tariff/licence.ts';
import { type DraftSubject, type Drafts, type Due, planDrafts } from './draft.ts';
import { damagesLines, licenceLines } from './lines.ts';
import { type Match, matchBreaches } from './match.ts';
import type { Breach, Invoice, InvoiceLine } from './model.ts';
import type { BillingChanges, BillingRules } from './port.ts';

export interface PlanInput {
  readonly clientId: string;
  readonly rules: BillingRules;
  readonly nowMs: number;
  /** Returns ids that sort by creation time. */
  readonly newId: () => string;
  /** The ledger's breaches from the recompute point on, including void ones. */
  readonly stored: readonly Breach[];
  /** Their invoices, and those of the months from the recompute point on, without void ones. */
  readonly invoices: readonly Invoice[];
  readonly breaches: readonly RatedBreach[];
  readonly months: readonly RatedMonth[];
}

interface SubjectDues {
  readonly subject: DraftSubject;
  readonly dues: readonly Due[];
  readonly invoices: readonly Invoice[];
}

export function planBilling(input: PlanInput): BillingChanges {
  const { matches, gone } = matchBreaches(input.stored, input.breaches);
  const owed = [
    ...matches.map((match) => owedForBreach(match, input)),
    ...gone.map((breach) => owedForNothing(breach, input)),
    ...owedForMonths(input),
  ];
  const drafts = owed.map(({ breach, ...rest }) => ({ breach, drafts: draftsOf(rest, input) }));
  const merged = matches.flatMap((match) => match.stored.slice(1));
  const breaches = [
    ...owed.flatMap(({ breach }) => (breach === null ? [] : [breach])),
    ...merged.map(voided),
  ];
  const before = new Map(input.stored.map((breach) => [breach.id, breach]));
  return {
    breaches: breaches.filter((breach) => isChanged(breach, before.get(breach.id))),
    invoices: drafts.flatMap((one) => one.drafts.invoices),
    notes: drafts.flatMap((one) => one.drafts.notes),
    dueAtMs: nextDue(input),
  };
}

function draftsOf({ subject, dues, invoices }: SubjectDues, input: PlanInput): Drafts {
  return planDrafts(subject, dues, invoices, input.newId, input.nowMs);
}

/** Merged breaches share one account: all their invoices count. */
function owedForBreach({ computed, stored }: Match, input: PlanInput): SubjectDues & { breach: Breach } {
  const { rules, nowMs, clientId } = input;
  const { windowMs, lines, ...facts } = computed;
  const id = stored[0]?.id ?? input.newId();
  const state = breachState(computed, rules.latenessMs, rules.bucketSeconds, nowMs);
  const ids = new Set(stored.map((breach) => breach.id));
  return {
    breach: { id, clientId, ...facts, state },
    subject: { clientId, breachId: id, monthMs: null },
    dues: [{ currency: computed.currency, lines: damagesLines(computed) }],
    invoices: input.invoices.filter((invoice) => invoice.breachId !== null && ids.has(invoice.breachId)),
  };
}

function owedForNothing(breach: Breach, input: PlanInput): SubjectDues & { breach: Breach } {
  return {
    breach: voided(breach),
    subject: { clientId: input.clientId, breachId: breach.id, monthMs: null },
    dues: [],
    invoices: input.invoices.filter((invoice) => invoice.breachId === breach.id),
  };
}

function owedForMonths(input: PlanInput): (SubjectDues & { breach: null })[] {
  const computed = new Map(input.months.map((month) => [month.monthMs, month]));
  const invoiced = input.invoices.flatMap(({ monthMs }) => (monthMs === null ? [] : [monthMs]));
  const months = [...new Set([...computed.keys(), ...invoiced])].sort((a, b) => a - b);
  return months.map((monthMs) => ({
    breach: null,
    subject: { clientId: input.clientId, breachId: null, monthMs },
    dues: duesOf(computed.get(monthMs)),
    invoices: input.invoices.filter((invoice) => invoice.monthMs === monthMs),
  }));
}

/** A month may have versions in several currencies, with one invoice each. */
export function duesOf(month: RatedMonth | undefined): Due[] {
  if (month === undefined) return [];
  const byCurrency = new Map<string, InvoiceLine[]>();
  for (const [index, line] of licenceLines(month).entries()) {
    const { currency } = month.lines[index]!;
    byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), line]);
  }
  return Array.from(byCurrency, ([currency, lines]) => ({ currency, lines }));
}

function voided(breach: Breach): Breach {
  return { ...breach, state: 'void', billedPosts: 0, amountMinor: 0n };
}

function isChanged(breach: Breach, before: Breach | undefined): boolean {
  if (before === undefined) return true;
  const fields = Object.keys(breach) as (keyof Breach)[];
  return fields.some((field) => breach[field] !== before[field]);
}

/** When the next state changes by time alone. */
function nextDue({ breaches, rules, nowMs }: PlanInput): number | null {
  const moments = breaches.flatMap((breach) => {
    const state = breachState(breach, rules.latenessMs, rules.bucketSeconds, nowMs);
    if (state === 'closed') return [];
    return [state === 'open' ? breach.stretchToMs : closesAtMs(breach, rules.latenessMs)];
  });
  return moments.length === 0 ? null : Math.min(...moments);
}
