/** Verifies a whole ledger: audit log -> chains -> usage -> tariffs -> invoices -> billing state of each client. */

import type { Invoice } from '../invoice/model.ts';
import type { BillingRules } from '../invoice/port.ts';
import { chainsHash, type UsageAsOf, type UsageRow, usageHash } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { checkAccount } from './account.ts';
import { ChainCheck } from './chain.ts';
import { documentFindings } from './document.ts';
import { type Finding, finding, type VerificationEvent } from './finding.ts';
import { invoiceSubject, lineFindings, sealFindings } from './invoice.ts';
import type { IssuedInvoice, JournalState, KeptTariff, VerifiableLedger } from './port.ts';
import { compute, earlierOf, invoiceDifferences, tariffVersionsOf } from './recompute.ts';
import { subjectFindings } from './rights.ts';
import { tariffFindings } from './tariffs.ts';

/**
 * Yields every difference as it is found, and finally how much was compared. `rules` are the configuration's, for
 * what is not issued yet.
 */
export async function* verifyLedger(
  ledger: VerifiableLedger,
  rules: BillingRules,
  sha256: Sha256,
): AsyncGenerator<VerificationEvent> {
  yield* findingEvents(await ledger.auditDifferences());
  const journals = await ledger.journals();
  const unreadable: [string, number][] = [];
  const verified = { journals: journals.length, batches: 0, invoices: 0, breaches: 0, clients: 0 };
  for (const journal of journals) verified.batches += yield* verifyChain(ledger, journal, unreadable, sha256);
  yield* findingEvents(await ledger.strays());
  yield* findingEvents(await ledger.usageDifferences(unreadable));
  yield* findingEvents(await ledger.uniqueDifferences());

  const tariffs = await ledger.tariffs();
  yield* findingEvents(tariffFindings(tariffs, await ledger.tariffAudits()));
  const versions = new VersionsOf(tariffs, new Set(await ledger.retiredVersions()));
  verified.invoices = yield* verifyInvoices(ledger, versions, journals, sha256);
  for await (const page of ledger.billable()) {
    for (const clientId of page) {
      const account = await ledger.account(clientId);
      verified.clients++;
      verified.breaches += account.breaches.length;
      yield* checkAccount(account, versions.of(clientId), rules, ledger.nowMs);
    }
  }
  yield* findingEvents(await ledger.settingGaps());
  for await (const page of ledger.subjects()) yield* findingEvents(page.flatMap(subjectFindings));
  for (const note of await ledger.notes()) yield { note };
  yield { verified: { ...verified, tariffVersions: tariffs.length } };
}

function* findingEvents(findings: readonly ReturnType<typeof finding>[]): Generator<VerificationEvent> {
  for (const one of findings) yield { finding: one };
}

/** Returns the number of batches compared. */
async function* verifyChain(
  ledger: VerifiableLedger,
  journal: JournalState,
  unreadable: [string, number][],
  sha256: Sha256,
): AsyncGenerator<VerificationEvent, number> {
  const check = new ChainCheck(journal, sha256);
  let batches = 0;
  for await (const page of ledger.batches(journal.id)) {
    batches += page.length;
    for (const batch of page) check.add(batch);
    yield* findingEvents(check.findings.splice(0));
  }
  check.end();
  yield* findingEvents(check.findings);
  unreadable.push(...check.unreadable);
  return batches;
}

/**
 * Returns the number of invoices compared. Earlier invoices are kept in memory without their usage, because they
 * are few.
 */
async function* verifyInvoices(
  ledger: VerifiableLedger,
  versions: VersionsOf,
  journals: readonly JournalState[],
  sha256: Sha256,
): AsyncGenerator<VerificationEvent, number> {
  const byClient = new Map<string, Invoice[]>();
  const checked = yield* verifyNumbers(ledger, ({ invoice }) => {
    const ofClient = byClient.get(invoice.clientId) ?? [];
    byClient.set(invoice.clientId, [...ofClient, invoice]);
  });
  // A ledger that chained its batches from the first record also sealed its invoices from the first.
  let mustBeSealed = journals.length > 0 && journals.every(({ chainedFrom }) => chainedFrom === 0);
  for await (const page of ledger.issued()) {
    for (const one of page) {
      const { invoice } = one;
      const ofClient = byClient.get(invoice.clientId) ?? [];
      yield* findingEvents(lineFindings(invoice, ofClient, versions.of(invoice.clientId)));
      yield* findingEvents(documentFindings(invoice, earlierOf(invoice, ofClient)));
      yield* findingEvents(await auditFindings(ledger, one));
      if (one.asOf !== null && one.contentHash !== null && one.usageHash !== null) {
        mustBeSealed = true;
        yield* findingEvents(await verifySealed(ledger, one, one.asOf, ofClient, versions, sha256));
      } else if (mustBeSealed) {
        yield { finding: finding('seal_missing', invoiceSubject(invoice), 'a seal', 'none') };
      } else {
        const text = 'it was issued before invoices had seals, so its usage is not recomputed';
        yield { note: { code: 'unsealed', subject: invoiceSubject(invoice), text } };
      }
    }
  }
  return checked;
}

/** Checks that each counter has no gap, and passes each issued invoice to `take`. Returns their number. */
async function* verifyNumbers(
  ledger: VerifiableLedger,
  take: (issued: IssuedInvoice) => void,
): AsyncGenerator<VerificationEvent, number> {
  const moves = await ledger.numberMoves();
  for (const { series, fromLast, toLast, reason } of moves) {
    const text = `the numbers ${fromLast + 1} to ${toLast} were given before the ledger was restored to an older state: ${reason}`;
    yield { note: { code: 'numbers_left_out', subject: series, text } };
  }
  const after = (series: string, number: number) =>
    moves.find((move) => move.series === series && move.fromLast === number)?.toLast ?? number;
  const lasts = new Map<string, number>();
  let checked = 0;
  for await (const page of ledger.issued()) {
    for (const one of page) {
      const { series, number } = one.invoice;
      const next = (lasts.get(series) ?? after(series, 0)) + 1;
      if (number !== next)
        yield { finding: finding('number_gap', invoiceSubject(one.invoice), next, number) };
      lasts.set(series, after(series, number ?? 0));
      take(one);
      checked++;
    }
  }
  const counters = await ledger.lastNumbers();
  for (const series of new Set([...counters.keys(), ...lasts.keys()])) {
    const [last, expected] = [counters.get(series) ?? 0, lasts.get(series) ?? after(series, 0)];
    if (last !== expected) yield { finding: finding('number_last', series, last, expected) };
  }
  return checked;
}

/** Checks an issued invoice against its seal, the usage at the time of issue, and the rule. */
export async function verifySealed(
  ledger: VerifiableLedger,
  one: IssuedInvoice,
  asOf: UsageAsOf,
  issued: readonly Invoice[],
  versions: VersionsOf,
  sha256: Sha256,
) {
  const { invoice } = one;
  const subject = invoiceSubject(invoice);
  const tariffs = versions.named(asOf.tariffVersionIds);
  const findings = sealFindings(one, tariffs, sha256);
  findings.push(...(await chainsFindings(ledger, invoice, asOf, sha256)));
  const rows = await usageRowsOf(ledger, one, asOf, sha256);
  const hash = usageHash(rows, sha256);
  if (hash !== one.usageHash) findings.push(finding('usage_hash', subject, one.usageHash, hash));
  const known = tariffVersionsOf(tariffs);
  if (known === null) return findings;
  const computed = compute(invoice.clientId, rows, asOf, known);
  return [...findings, ...invoiceDifferences(invoice, computed, earlierOf(invoice, issued), subject)];
}

/** Compares the ends of the journals' chains at issue, which the seal names, with those of the ledger. */
export async function chainsFindings(
  ledger: Pick<VerifiableLedger, 'chainEnds'>,
  invoice: Invoice,
  asOf: UsageAsOf,
  sha256: Sha256,
): Promise<Finding[]> {
  const ends = await ledger.chainEnds(asOf.journals);
  const known = new Map(Object.keys(asOf.journals).map((id) => [id, ends.get(id) ?? new Uint8Array()]));
  const found = chainsHash(known, sha256);
  return found === asOf.chains ? [] : [finding('chains_hash', invoiceSubject(invoice), asOf.chains, found)];
}

/** Reads the current usage first: it is cheaper, and it is the usage at issue unless some arrived late. */
export async function usageRowsOf(
  ledger: VerifiableLedger,
  { invoice, usageHash: sealed }: IssuedInvoice,
  asOf: UsageAsOf,
  sha256: Sha256,
): Promise<readonly UsageRow[]> {
  const now = await ledger.rows(invoice.clientId, asOf.fromMs, asOf.toMs);
  return usageHash(now, sha256) === sealed ? now : ledger.rowsAsOf(invoice.clientId, asOf);
}

/** Compares an issued invoice with the row of its issue in the audit log. */
export async function auditFindings(
  ledger: Pick<VerifiableLedger, 'issueAudit'>,
  { invoice, contentHash }: IssuedInvoice,
): Promise<Finding[]> {
  const subject = invoiceSubject(invoice);
  const audit = await ledger.issueAudit(invoice.id);
  if (audit === null)
    return [finding('audit_missing', subject, 'a row of its issue in the audit log', 'none')];
  const expected = `${audit.number} ${audit.amountMinor} ${audit.contentHash}`;
  const found = `${invoice.number} ${invoice.amountMinor} ${contentHash}`;
  return expected === found ? [] : [finding('audit_differs', subject, expected, found)];
}

/** The tariff versions of the ledger, by client. */
export class VersionsOf {
  readonly #kept: readonly KeptTariff[];
  readonly #byClient = new Map<string | null, TariffVersion[]>();

  /** `retired` are ids of versions that no longer apply. Invoices issued under them still name them. */
  constructor(kept: readonly KeptTariff[], retired: ReadonlySet<string>) {
    this.#kept = kept;
    for (const one of kept) {
      if (retired.has(one.id)) continue;
      // Invalid terms are reported elsewhere; here they count as no tariff.
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
