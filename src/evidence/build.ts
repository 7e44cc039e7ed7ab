/** Builds a file of evidence from the ledger's records of one issued invoice. */

import type { Invoice } from '../invoice/model.ts';
import type { UsageAsOf, UsageRow } from '../invoice/seal.ts';
import type { LinkConfiguration, LinkEpoch } from '../meter/chain/configurations.ts';
import { type Leaf, parseContent, type Sha256 } from '../meter/chain/leaves.ts';
import type { Move } from '../meter/moves.ts';
import { clauseOf, type TariffVersion } from '../tariff/tariff.ts';
import type { IssuedInvoice, KeptBatch, KeptTariff } from '../verify/port.ts';
import { type ComputedBasis, compute, tariffVersionsOf } from '../verify/recompute.ts';
import { rowsWithin, type UsageScope, usageScope } from '../verify/rows.ts';
import { base64url, linkOf } from './chain.ts';
import { type Evidence, type EvidenceChain, invoiceJson } from './format.ts';
import { readingsOf } from './readings.ts';

const DAY_MS = 86_400_000;

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface EvidenceParts {
  readonly issued: IssuedInvoice;
  readonly asOf: UsageAsOf;
  readonly earlier: readonly Invoice[];
  /** Usage of the whole UTC days, as of the issue. */
  readonly rows: readonly UsageRow[];
  readonly tariffs: readonly KeptTariff[];
  readonly rules: Readonly<Record<string, unknown>>;
  /** All moves until the issue. */
  readonly moves: readonly Move[];
  readonly opening: Evidence['opening'];
  readonly gaps: Evidence['gaps'];
  readonly chains: readonly EvidenceChain[];
  readonly configurations: NonNullable<Evidence['configurations']>;
  readonly policies: NonNullable<Evidence['policies']>;
  readonly madeAtMs: number;
}

/** The whole UTC days that the stretch or month touches. Readings by the day need them. */
export function spanOfDays({ fromMs, toMs }: TimeSpan): TimeSpan {
  return { fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS, toMs: Math.ceil(toMs / DAY_MS) * DAY_MS };
}

export function buildEvidence(parts: EvidenceParts): Evidence {
  const { issued, asOf, rows, tariffs, rules, opening, gaps, madeAtMs } = parts;
  const { invoice, unique } = issued;
  const { clientId, currency, monthMs } = invoice;
  const versions = tariffVersionsOf(tariffs) ?? [];
  const computed = compute(clientId, rowsWithin(rows, asOf), asOf, versions);
  const charges = invoice.lines.filter(({ kind }) => kind === 'charge');
  const billed = new Set(charges.map((line) => line.tariffVersionId));
  const { identifiers } = usageScope(clientId, parts.moves);
  return {
    postmeterEvidence: 1,
    madeAtMs,
    invoice: invoiceJson(invoice),
    unique: unique === null ? null : { ...unique },
    contentHash: issued.contentHash ?? '',
    usageHash: issued.usageHash ?? '',
    asOf: {
      ...asOf,
      tariffVersionIds: [...asOf.tariffVersionIds],
      repeats: asOf.repeats.map((one) => [...one]),
    },
    earlier: parts.earlier.map(invoiceJson),
    breach: breachFacts(computed, invoice),
    span: spanOfDays(asOf),
    usage: rows.map((row) => [...row]),
    tariffs: tariffs.map((tariff) => ({ ...tariff, terms: tariff.terms as Record<string, unknown> | null })),
    clause: [...new Set(versions.filter(({ id }) => billed.has(id)).flatMap(namedClause))],
    rules: { ...rules },
    moves: parts.moves
      .filter((move) => identifiers.includes(move.identifierId) || move.fromClientId === clientId)
      .map(({ toMs, ...move }) => ({ ...move, toMs: Number.isFinite(toMs) ? toMs : null })),
    opening,
    chains: parts.chains.map((chain) => chain),
    ...(parts.configurations.length > 0 && { configurations: [...parts.configurations] }),
    ...(parts.policies.length > 0 && { policies: [...parts.policies] }),
    gaps,
    readings: readingsOf({ clientId, currency, monthMs, rows, asOf, versions, unique }),
  };
}

function namedClause({ id, tariff }: TariffVersion): string[] {
  const clause = clauseOf(id, tariff);
  return clause === null ? [] : [clause];
}

/** The breach that the rule finds in the stretch; null for a licence, or if no breach is left. */
export function breachFacts(
  { breaches }: ComputedBasis,
  { monthMs }: Invoice,
): Record<string, unknown> | null {
  const [breach] = breaches;
  if (breach === undefined || monthMs !== null) return null;
  const { lines, amountMinor, unbilledReason, ...facts } = breach;
  // The member is omitted without a reason, so that such files match those older than the member.
  return { ...facts, ...(unbilledReason && { unbilledReason }), amountMinor: String(amountMinor) };
}

/** Collects the links of one journal, from the first to the last batch with usage of the client in the span. */
export class ChainShown {
  readonly #journalId: string;
  readonly #isShown: (leaf: Leaf) => boolean;
  readonly #sha256: Sha256;
  readonly #links: EvidenceChain['links'] = [];
  #previous: Uint8Array | undefined;
  #end: Uint8Array | undefined;
  #shown = 0;
  readonly #configurations = new Map<number, LinkConfiguration>();
  readonly #epochs = new Map<number, LinkEpoch>();

  constructor(journalId: string, concerned: UsageScope, span: TimeSpan, sha256: Sha256) {
    const identifiers = new Set(concerned.identifiers);
    this.#journalId = journalId;
    this.#sha256 = sha256;
    this.#isShown = ([clientId, identifierId, rows]) =>
      (clientId === concerned.clientId || identifiers.has(identifierId)) &&
      rows.some(([bucketMs, posts]) => posts > 0 && bucketMs >= span.fromMs && bucketMs < span.toMs);
  }

  /** Adds a batch; call in order. Batches with unreadable content cannot be shown. */
  add(batch: KeptBatch): void {
    const leaves = parseContent(batch.content) ?? [];
    const isShown = leaves.some(this.#isShown);
    if (!isShown && this.#links.length === 0) return;
    this.#previous ??= batch.previousHash;
    for (const one of batch.configurations) this.#configurations.set(one.sequence, one);
    for (const one of batch.epochs) this.#epochs.set(one.sequence, one);
    this.#links.push(linkOf(batch, leaves, this.#isShown, this.#sha256));
    if (!isShown) return;
    this.#shown = this.#links.length;
    this.#end = batch.hash;
  }

  /** Returns null if no batch has usage of the client. */
  chain(): EvidenceChain | null {
    if (this.#previous === undefined || this.#end === undefined) return null;
    const [previous, end] = [base64url(this.#previous), base64url(this.#end)];
    const links = this.#links.slice(0, this.#shown);
    const last = links.at(-1)!.lastSequence;
    const configurations = [...this.#configurations.values()].filter(({ sequence }) => sequence <= last);
    const epochs = [...this.#epochs.values()].filter(({ sequence }) => sequence <= last);
    return {
      ...{ journalId: this.#journalId, previous, links, end },
      ...(configurations.length > 0 && { configurations }),
      ...(epochs.length > 0 && { epochs }),
    };
  }
}
