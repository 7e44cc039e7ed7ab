/** Verifies a whole ledger, top to bottom: audit log -> chains -> usage -> tariffs -> invoices -> books of each client. */

import type { Invoice } from '../invoice/model.ts';
import type { BillingRules } from '../invoice/port.ts';
import { chainsHash, type UsageAsOf, type UsageRow, usageHash } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { checkBooks } from './books.ts';
import { ChainCheck } from './chain.ts';
import { finding, type Told } from './finding.ts';
import { lineFindings, sealFindings, subjectOf } from './invoice.ts';
import type { IssuedInvoice, JournalState, KeptTariff, VerifiableLedger } from './port.ts';
import { compute, earlierOf, invoiceDifferences, tariffVersionsOf } from './recompute.ts';
import { tariffFindings } from './tariffs.ts';

/** Yields every difference as it is found, and last how much was compared. `rules`: the configuration's, for what is not issued yet. */
export async function* verifyLedger(
  ledger: VerifiableLedger,
  rules: BillingRules,
  sha256: Sha256,
): AsyncGenerator<Told> {
  yield* toldAll(await ledger.auditDifferences());
  const journals = await ledger.journals();
  const unreadable: [string, number][] = [];
  const verified = { journals: journals.length, batches: 0, invoices: 0, breaches: 0, clients: 0 };
  for (const journal of journals) verified.batches += yield* verifyChain(ledger, journal, unreadable, sha256);
  yield* toldAll(await ledger.strays());
  yield* toldAll(await ledger.usageDifferences(unreadable));
  yield* toldAll(await ledger.uniqueDifferences());

  const tariffs = await ledger.tariffs();
  yield* toldAll(tariffFindings(tariffs, await ledger.tariffAudits()));
  const versions = new VersionsOf(tariffs, new Set(await ledger.retiredVersions()));
  verified.invoices = yield* verifyInvoices(ledger, versions, journals, sha256);
  for await (const page of ledger.billable()) {
    for (const clientId of page) {
      const books = await ledger.books(clientId);
      verified.clients++;
      verified.breaches += books.breaches.length;
      yield* checkBooks(books, versions.of(clientId), rules, ledger.nowMs);
    }
  }
  for (const note of await ledger.notes()) yield { note };
  yield { verified: { ...verified, tariffVersions: tariffs.length } };
}

function* toldAll(findings: readonly ReturnType<typeof finding>[]): Generator<Told> {
  for (const one of findings) yield { finding: one };
}

/** Returns how many batches were compared. */
async function* verifyChain(
  ledger: VerifiableLedger,
  journal: JournalState,
  unreadable: [string, number][],
  sha256: Sha256,
): AsyncGenerator<Told, number> {
  const check = new ChainCheck(journal, sha256);
  let batches = 0;
  for await (const page of ledger.batches(journal.id)) {
    batches += page.length;
    for (const batch of page) check.add(batch);
    yield* toldAll(check.findings.splice(0));
  }
  check.end();
  yield* toldAll(check.findings);
  unreadable.push(...check.unreadable);
  return batches;
}

/** Returns how many invoices were compared. Invoices are few: those before the one at hand are kept, without their usage. */
async function* verifyInvoices(
  ledger: VerifiableLedger,
  versions: VersionsOf,
  journals: readonly JournalState[],
  sha256: Sha256,
): AsyncGenerator<Told, number> {
  const issued: Invoice[] = [];
  // A ledger that chained its batches from the first record on sealed its invoices from the first on too.
  let mustBeSealed = journals.length > 0 && journals.every(({ chainedFrom }) => chainedFrom === 0);
  const moves = await ledger.numberMoves();
  for (const { fromLast, toLast, reason } of moves) {
    const text = `the numbers ${fromLast + 1} to ${toLast} were given before the ledger was set back: ${reason}`;
    yield { note: { code: 'numbers_left_out', subject: 'invoices', text } };
  }
  const after = (number: number) => moves.find(({ fromLast }) => fromLast === number)?.toLast ?? number;
  let next = after(0) + 1;
  for await (const page of ledger.issued()) {
    for (const one of page) {
      const { invoice } = one;
      const number = invoice.number ?? 0;
      if (number !== next) yield { finding: finding('number_gap', subjectOf(invoice), next, number) };
      next = after(number) + 1;
      issued.push(invoice);
      const ofClient = issued.filter(({ clientId }) => clientId === invoice.clientId);
      yield* toldAll(lineFindings(invoice, ofClient, versions.of(invoice.clientId)));
      yield* toldAll(await auditFindings(ledger, one));
      if (one.asOf !== null && one.contentHash !== null && one.usageHash !== null) {
        mustBeSealed = true;
        yield* toldAll(await verifySealed(ledger, one, one.asOf, ofClient, versions, sha256));
      } else if (mustBeSealed) {
        yield { finding: finding('seal_missing', subjectOf(invoice), 'a seal', 'none') };
      } else {
        const text = 'it was issued before invoices were sealed: its usage is not recomputed';
        yield { note: { code: 'unsealed', subject: subjectOf(invoice), text } };
      }
    }
  }
  const last = await ledger.lastNumber();
  if (last !== next - 1) yield { finding: finding('number_last', 'invoices', last, next - 1) };
  return issued.length;
}

/** An issued invoice against its seal, the usage of its time, and the rule. */
export async function verifySealed(
  ledger: VerifiableLedger,
  one: IssuedInvoice,
  asOf: UsageAsOf,
  issued: readonly Invoice[],
  versions: VersionsOf,
  sha256: Sha256,
) {
  const { invoice } = one;
  const subject = subjectOf(invoice);
  const tariffs = versions.named(asOf.tariffVersionIds);
  const findings = sealFindings(one, tariffs, sha256);
  const ends = await ledger.chainEnds(asOf.journals);
  const told = new Map(Object.keys(asOf.journals).map((id) => [id, ends.get(id) ?? new Uint8Array()]));
  const chains = chainsHash(told, sha256);
  if (chains !== asOf.chains) findings.push(finding('chains_hash', subject, asOf.chains, chains));
  const rows = await rowsOf(ledger, one, asOf, sha256);
  const hash = usageHash(rows, sha256);
  if (hash !== one.usageHash) findings.push(finding('usage_hash', subject, one.usageHash, hash));
  const known = tariffVersionsOf(tariffs);
  if (known === null) return findings;
  const computed = compute(invoice.clientId, rows, asOf, known);
  return [...findings, ...invoiceDifferences(invoice, computed, earlierOf(invoice, issued), subject)];
}

/** Mostly no usage came late, and that of now is that of the time, which is the cheaper to read. */
export async function rowsOf(
  ledger: VerifiableLedger,
  { invoice, usageHash: sealed }: IssuedInvoice,
  asOf: UsageAsOf,
  sha256: Sha256,
): Promise<readonly UsageRow[]> {
  const now = await ledger.rows(invoice.clientId, asOf.fromMs, asOf.toMs);
  return usageHash(now, sha256) === sealed ? now : ledger.rowsAsOf(invoice.clientId, asOf);
}

async function auditFindings(ledger: VerifiableLedger, { invoice, contentHash }: IssuedInvoice) {
  const subject = subjectOf(invoice);
  const audit = await ledger.issueAudit(invoice.id);
  if (audit === null)
    return [finding('audit_missing', subject, 'a row of its issue in the audit log', 'none')];
  const expected = `${audit.number} ${audit.amountMinor} ${audit.contentHash}`;
  const found = `${invoice.number} ${invoice.amountMinor} ${contentHash}`;
  return expected === found ? [] : [finding('audit_differs', subject, expected, found)];
}

/** The tariff versions of the ledger, by whom they concern. */
export class VersionsOf {
  readonly #kept: readonly KeptTariff[];
  readonly #byClient = new Map<string | null, TariffVersion[]>();

  /** `retired`: ids of versions that apply to nobody now; what was issued under them still names them. */
  constructor(kept: readonly KeptTariff[], retired: ReadonlySet<string>) {
    this.#kept = kept;
    for (const one of kept) {
      if (retired.has(one.id)) continue;
      // Terms that are no tariff have been told: here they are as none.
      const [version] = tariffVersionsOf([one]) ?? [{ ...one, tariff: null }];
      this.#byClient.set(one.clientId, [...(this.#byClient.get(one.clientId) ?? []), version!]);
    }
  }

  of(clientId: string): readonly TariffVersion[] {
    return [...(this.#byClient.get(null) ?? []), ...(this.#byClient.get(clientId) ?? [])];
  }

  named(ids: readonly string[]): readonly KeptTariff[] {
    const wanted = new Set(ids);
    return this.#kept.filter(({ id }) => wanted.has(id));
  }
}
