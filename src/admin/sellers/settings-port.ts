/** The ports of what belongs to a seller: bank accounts, number series, tax rules; and of clauses. */

import type { BankAccount, Clause, NumberSeries, TaxRule } from '../../seller/model.ts';
import type { Actor, Page, PageRequest } from '../port.ts';

export interface BankAccountRecord extends BankAccount {
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Adding an account, and making one the default, are actions of two people (`ProposalDesk`). */
export interface BankAccountStore {
  /** Oldest first, archived ones included. Null if the seller does not exist. */
  bankAccounts(sellerId: string, page: PageRequest): Promise<Page<BankAccountRecord> | null>;
  /** Null if the seller has no such account. */
  bankAccount(sellerId: string, id: string): Promise<BankAccountRecord | null>;
  /** Archiving an archived account changes nothing. Returns null if the seller has no such account. */
  archiveBankAccount(
    sellerId: string,
    id: string,
    reason: string,
    who: Actor,
  ): Promise<BankAccountRecord | null>;
}

export interface NumberSeriesRecord extends NumberSeries {
  readonly createdAtMs: number;
  /** True if it has given a number. It can then only be archived. */
  readonly isUsed: boolean;
}

export type NewNumberSeries = Omit<NumberSeries, 'archivedAtMs'>;

export type NumberSeriesRefusal =
  | { readonly kind: 'unknown_seller' | 'unknown_series' | 'taken' | 'used' | 'archived' }
  /** Another series in use gives the numbers of this kind. */
  | { readonly kind: 'kind_taken'; readonly by: string; readonly of: string }
  /** Another series of the seller gives numbers that could read the same. */
  | { readonly kind: 'prefix_taken'; readonly by: string };

export type NumberSeriesResult =
  | { readonly kind: 'stored'; readonly series: NumberSeriesRecord }
  | NumberSeriesRefusal;

export interface NumberSeriesStore {
  /** By name, archived ones included. Null if the seller does not exist. */
  numberSeries(sellerId: string): Promise<readonly NumberSeriesRecord[] | null>;
  addNumberSeries(series: NewNumberSeries, who: Actor): Promise<NumberSeriesResult>;
  /** Only a series that has not given a number can change. */
  changeNumberSeries(series: NewNumberSeries, who: Actor): Promise<NumberSeriesResult>;
  /** Archiving an archived series changes nothing. */
  archiveNumberSeries(
    sellerId: string,
    series: string,
    reason: string,
    who: Actor,
  ): Promise<NumberSeriesResult>;
}

export interface TaxRuleRecord extends TaxRule {
  readonly createdAtMs: number;
  readonly createdBy: string;
}

export interface TaxRuleStore {
  /** Newest start first. Null if the seller does not exist. */
  taxRules(sellerId: string): Promise<readonly TaxRuleRecord[] | null>;
  /** `same_moment`: a rule with the same claim, scope and start exists. */
  addTaxRule(rule: TaxRule, who: Actor): Promise<TaxRuleRecord | 'same_moment' | 'unknown_seller'>;
}

export interface ClauseRecord extends Clause {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

export interface ClauseStore {
  /** Those that administrators added, by id. The product ships others. */
  ownClauses(): Promise<readonly ClauseRecord[]>;
  /** `same_moment`: the family has a version in this currency with this start. */
  addClause(clause: Clause, reason: string, who: Actor): Promise<ClauseRecord | 'taken' | 'same_moment'>;
}
