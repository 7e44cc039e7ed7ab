/**
 * A real ledger with everything that verification reads: batches of gateways, tariffs, issued invoices and their
 * corrections.
 */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import { adminStore } from '../../src/adapters/postgres/admin/store.ts';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { policyVersionStore } from '../../src/adapters/postgres/rights/policies.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import type { NewMove } from '../../src/admin/port.ts';
import { runBilling } from '../../src/billing.ts';
import { recordedConfiguration } from '../../src/config/recorded.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { BillingRules } from '../../src/invoice/port.ts';
import type { MeteringConfiguration } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import { policySchema } from '../../src/terms/policy.ts';
import type { Finding, Note } from '../../src/verify/finding.ts';
import { verifyLedger } from '../../src/verify/ledger.ts';
import { completeSeller } from '../support/sellers.ts';

export const MINUTE = 60_000;
export const START = Date.UTC(2026, 2, 1, 12);
export const minute = (count: number) => START + count * MINUTE;
/** The configuration with all defaults. */
export const METERED_UNDER: MeteringConfiguration = {
  ...recordedConfiguration(configSchema.parse({}), sha256),
  version: '1.0.0',
  fromMs: START - MINUTE,
};
export const RULES: BillingRules = {
  bucketSeconds: 60,
  latenessMs: MINUTE,
  approval: 'manual',
  fourEyes: { ...FOUR_EYES, issue: 'same' },
};

/** More than 100 posts in 5 minutes cost one dollar a post. */
export const SMALL: Tariff = {
  ...DEFAULT_TARIFF,
  threshold: 100,
  windowSeconds: 300,
  block: 1,
  priceMinor: 100n,
};
export const LICENCE: Tariff = {
  kind: 'licence',
  count: 'deliveries',
  included: 50,
  priceMinor: 200n,
  block: 1,
  rounding: 'prorated',
  currency: 'USD',
};
const BILLING = {
  legalName: 'Acme Inc.',
  address: '1 Main Street',
  email: 'ap@acme.example',
  taxId: null,
  currency: 'USD',
};

const POLICY = policySchema.parse({
  terms: { version: '2026-04-10', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform Inc.', email: 'rights@platform.example' },
});

export function usageAt(clientId: string, atMinute: number, posts: number, more: Partial<Usage> = {}): Usage {
  const rest = { identifierId: `${clientId}-key`, requests: 1, refused: 0, bytes: 10 * posts, uncounted: 0 };
  return { clientId, bucketMs: minute(atMinute), posts, ...rest, ...more };
}

/** The actions of gateways, billing and finance on a ledger. */
export class LedgerAtWork {
  readonly db: LedgerDb;
  readonly #sequences = new Map<string, number>();
  readonly #hasPolicy: boolean;

  constructor(db: LedgerDb, hasPolicy = true) {
    this.db = db;
    this.#hasPolicy = hasPolicy;
  }

  async take(journalId: string, usage: readonly Usage[], records = 1): Promise<void> {
    const before = this.#sequences.get(journalId) ?? 0;
    const begun = { sequence: 1, ...METERED_UNDER };
    const epoch = { sequence: 1, policyVersion: 1, rightsSequence: 5, atMs: START };
    const batch = {
      ...{ journalId, firstSequence: before + 1, lastSequence: before + records, usage },
      ...(before === 0 && { configurations: [begun], ...(this.#hasPolicy && { epochs: [epoch] }) }),
    };
    const taken = await postgresUsageLedger(this.db).take(batch);
    if (taken !== before + records) throw new Error(`the ledger answered ${taken}`);
    this.#sequences.set(journalId, taken);
  }

  async client(id: string, tariff: Tariff | null): Promise<void> {
    const store = adminStore(this.db);
    const who = { actor: 'operator', atMs: START };
    await store.createClient({ id, name: id, billing: BILLING }, who);
    if (tariff !== null) await this.tariff(id, tariff, 0, START);
  }

  async identifier(clientId: string, id: string): Promise<void> {
    const key = { kind: 'api_key', keyHash: `hash of ${id}`, keyHint: 'hint' } as const;
    const added = await adminStore(this.db).addIdentifier(
      { id, clientId, ...key },
      { actor: 'operator', atMs: START },
    );
    if (added.kind !== 'added') throw new Error(added.kind);
  }

  async move(move: Omit<NewMove, 'reason'>, atMs: number): Promise<void> {
    const who = { actor: 'operator', atMs };
    const moved = await adminStore(this.db).moveIdentifier({ ...move, reason: 'sold with the key' }, who);
    if (moved.kind !== 'moved') throw new Error(moved.kind);
  }

  async tariff(clientId: string, tariff: Tariff, validFromMs: number, atMs: number): Promise<void> {
    const version = { id: v7(), clientId, validFromMs, tariff, reason: 'the contract, section 4' };
    const added = await adminStore(this.db).addTariffVersion(
      { ...version, supersedes: null },
      { actor: 'operator', atMs },
    );
    if (added.kind !== 'added') throw new Error(added.kind);
  }

  async bill(atMs: number): Promise<void> {
    const run = await runBilling(this.billing(), RULES, v7, atMs);
    if (run === undefined || run.failures.length > 0) throw new Error('billing failed', { cause: run });
  }

  /** Approves and issues the client's draft. */
  async issue(clientId: string, atMs: number): Promise<number> {
    const { items } = await adminStore(this.db).invoices(
      { clientId, status: 'draft' },
      { limit: 9, after: null },
    );
    const [draft] = items;
    if (draft === undefined) throw new Error(`${clientId} has no draft`);
    const billing = this.billing();
    await billing.approveInvoice(draft.id, 'finance', atMs);
    const outcome = await billing.issueInvoice(draft.id, 'finance', atMs);
    if (outcome.kind !== 'issued') throw new Error(JSON.stringify(outcome));
    return outcome.number;
  }

  billing() {
    return postgresBillingLedger(this.db, { rules: RULES, lead: processLead(), now: Date.now });
  }

  async verify(): Promise<{ findings: Finding[]; notes: Note[] }> {
    const findings: Finding[] = [];
    const notes: Note[] = [];
    await withVerifiableLedger(this.db, async (ledger) => {
      for await (const one of verifyLedger(ledger, RULES, sha256)) {
        if ('finding' in one) findings.push(one.finding);
        else if ('note' in one) notes.push(one.note);
      }
    });
    return { findings, notes };
  }

  async codes(): Promise<string[]> {
    const { findings } = await this.verify();
    return [...new Set(findings.map(({ code }) => code))].sort();
  }

  /** Returns the codes that are reported after the change of the ledger. The change is then undone. */
  async codesAfter(tables: string, statement: string): Promise<string[]> {
    const undone = new Error('undone');
    let codes: string[] = [];
    await this.db
      .transaction(async (tx) => {
        const there = new LedgerAtWork(tx);
        await there.tamper(tables, statement);
        codes = await there.codes();
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    return codes;
  }

  /** Changes the ledger as the owner of the tables can, without triggers. `tables` is separated by commas. */
  async tamper(tables: string, statement: string): Promise<void> {
    const set = (to: 'disable' | 'enable') =>
      tables.split(',').map((table) => this.db.execute(sql.raw(`alter table ${table} ${to} trigger user`)));
    await Promise.all(set('disable'));
    await this.db.execute(sql.raw(statement));
    await Promise.all(set('enable'));
  }
}

/**
 * `damages`: invoice 1, supplement 2 by late usage, credit note 3 by a corrected tariff. `excess`: invoice 4.
 * `licence`: invoice 5 of March. `drafted`: a draft alone. `quiet`: under the threshold. Two gateways.
 * @param hasPolicy false: as before there were policies.
 */
export async function fillLedger(db: LedgerDb, hasPolicy = true): Promise<LedgerAtWork> {
  const work = new LedgerAtWork(db, hasPolicy);
  await completeSeller(db);
  if (hasPolicy) {
    await policyVersionStore(db).addPolicyVersion({
      ...{ validFromMs: START, policy: POLICY, createdAtMs: START, createdBy: 'operator' },
      reason: 'our terms',
    });
  }
  await work.client('damages', SMALL);
  await work.client('excess', { ...SMALL, basis: 'excess' } as Tariff);
  await work.client('licence', LICENCE);
  await work.client('drafted', SMALL);
  await work.client('quiet', null);
  for (let at = 0; at < 4; at++) {
    const all = ['damages', 'excess', 'licence', 'drafted', 'quiet'].map((id) => usageAt(id, at, 40 + at));
    await work.take('gateway-1', [...all, usageAt('damages', at, 3, { identifierId: 'other-key' })], 3);
    await work.take('gateway-2', [usageAt('damages', at, 5), usageAt('quiet', at, 0, { requests: 2 })]);
  }
  await work.bill(minute(4));
  await work.bill(minute(30));
  await work.issue('damages', minute(30));
  await work.take('gateway-2', [usageAt('damages', 5, 7)]);
  await work.bill(minute(40));
  await work.issue('damages', minute(40));
  await work.tariff('damages', { ...SMALL, priceMinor: 90n } as Tariff, minute(-1000), minute(41));
  await work.bill(minute(45));
  await work.issue('damages', minute(45));
  await work.issue('excess', minute(46));
  const april = Date.UTC(2026, 3, 2);
  await work.bill(april);
  await work.issue('licence', april);
  await work.take('gateway-1', [usageAt('quiet', 60, 4)]);
  await work.bill(april);
  return work;
}
