/** The port of sellers and of what belongs to them. Each write adds a row to the audit log. */

import type { Seller, TaxRule } from '../../seller/model.ts';
import type { Actor, Page, PageRequest } from '../port.ts';
import type { CoDebtorStore } from './co-debtor-port.ts';
import type { DunningLevelStore } from './dunning-port.ts';
import type { BankAccountStore, ClauseStore, NumberSeriesStore, TaxRuleStore } from './settings-port.ts';

/** What an administrator sets of a seller. */
export type SellerSettings = Omit<Seller, 'id' | 'logo' | 'archivedAtMs'>;

export type SellerLogo = NonNullable<Seller['logo']>;

/** A seller, with the hash of its logo instead of the bytes. */
export interface SellerRecord extends SellerSettings {
  readonly id: string;
  readonly logo: { readonly type: SellerLogo['type']; readonly sha256: string } | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly archivedAtMs: number | null;
}

interface NewSellerRecord {
  readonly id: string;
  readonly settings: SellerSettings;
  /** The rules that it starts with. */
  readonly taxRules: readonly Omit<TaxRule, 'sellerId'>[];
}

type ArchiveSellerResult =
  | { readonly kind: 'archived'; readonly seller: SellerRecord }
  | { readonly kind: 'unknown_seller' }
  /** Clients name it. */
  | { readonly kind: 'in_use'; readonly clients: number };

export interface SellerStore {
  createSeller(seller: NewSellerRecord, who: Actor): Promise<SellerRecord | 'taken'>;
  /** By id, archived ones included. */
  sellers(page: PageRequest): Promise<Page<SellerRecord>>;
  seller(id: string): Promise<SellerRecord | null>;
  /**
   * Stores what `change` makes of the settings; if it throws, nothing changes. Returns null if the seller does not exist.
   */
  changeSeller(
    id: string,
    change: (now: SellerRecord) => SellerSettings,
    who: Actor,
  ): Promise<SellerRecord | null>;
  /** Archiving an archived seller changes nothing. */
  archiveSeller(id: string, reason: string, who: Actor): Promise<ArchiveSellerResult>;
}

export interface LogoStore {
  /** Null if the seller does not exist or has no logo. */
  logo(sellerId: string): Promise<SellerLogo | null>;
  /** Null removes the logo. Returns null if the seller does not exist. */
  setLogo(sellerId: string, logo: SellerLogo | null, who: Actor): Promise<SellerRecord | 'archived' | null>;
}

export type SellerBooks = LogoStore &
  CoDebtorStore &
  DunningLevelStore &
  SellerStore &
  BankAccountStore &
  NumberSeriesStore &
  TaxRuleStore &
  ClauseStore;
