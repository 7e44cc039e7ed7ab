/** Checks a file of evidence by itself: from proven leaves to usage, to the breach, to the lines, to the total. */

import type { IssuedDocument } from '../invoice/document.ts';
import type { Invoice } from '../invoice/model.ts';
import { contentHash, hexOf, usageHash } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { Usage } from '../meter/usage.ts';
import { canonicalPolicy } from '../terms/canonical-policy.ts';
import { documentFindings } from '../verify/document.ts';
import { type Finding, finding } from '../verify/finding.ts';
import { invoiceSubject, lineFindings } from '../verify/invoice.ts';
import { compute, earlierOf, invoiceDifferences, tariffVersionsOf } from '../verify/recompute.ts';
import { clientRows, rowsWithin } from '../verify/rows.ts';
import { breachFacts, spanOfDays } from './build.ts';
import { checkChain } from './chain.ts';
import { type Evidence, invoiceFrom } from './format.ts';
import { type Reading, readingsOf } from './readings.ts';

/** Like `checkEvidence`, and treats values on which the billing rules throw an error as a difference. */
export function differencesIn(evidence: Evidence, sha256: Sha256, subject: string): Finding[] {
  try {
    return checkEvidence(evidence, sha256);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [finding('invoice_differs', subject, 'values that the rule can process', found)];
  }
}

/** Returns every difference; empty if everything follows from what is proven. The caller checks the signature. */
export function checkEvidence(evidence: Evidence, sha256: Sha256): Finding[] {
  const { asOf, unique, tariffs } = evidence;
  const invoice = invoiceFrom(evidence.invoice, evidence.earlier);
  const subject = invoiceSubject(invoice);
  const same = (code: Finding['code'], place: string, expected: unknown, found: unknown): Finding[] => {
    const [right, real] = [JSON.stringify(expected), JSON.stringify(found)];
    return right === real ? [] : [finding(code, place, right, real)];
  };
  const sealed = { invoice, unique, usageHash: evidence.usageHash, asOf, tariffs: tariffs.map(asSealed) };
  const findings = same('content_hash', subject, contentHash(sealed, sha256), evidence.contentHash);
  findings.push(...same('content_hash', `${subject} span`, spanOfDays(asOf), evidence.span));
  findings.push(
    ...same(
      'content_hash',
      `${subject} tariffs`,
      [...asOf.tariffVersionIds].sort(),
      tariffs.map(({ id }) => id).sort(),
    ),
  );

  findings.push(...configurationFindings(evidence, sha256));
  findings.push(...policyFindings(evidence, sha256));
  const proven = provenUsage(evidence, findings, sha256);
  const moves = evidence.moves.map((move) => ({ ...move, toMs: move.toMs ?? Number.POSITIVE_INFINITY }));
  const rows = clientRows(invoice.clientId, proven, moves, evidence.span);
  findings.push(...same('usage_differs', `clients/${invoice.clientId}/usage`, rows, evidence.usage));
  const inStretch = rowsWithin(rows, asOf);
  findings.push(...same('usage_hash', subject, usageHash(inStretch, sha256), evidence.usageHash));

  const versions = tariffVersionsOf(tariffs.map(asSealed));
  if (versions === null)
    return [...findings, finding('tariff_differs', subject, 'tariffs', 'something else')];
  const earlier = evidence.earlier.map((one) => invoiceFrom(one, evidence.earlier));
  const computed = compute(invoice.clientId, inStretch, asOf, versions);
  findings.push(...same('breach_differs', subject, breachFacts(computed, invoice), evidence.breach));
  findings.push(...lineFindings(invoice, earlier, versions));
  findings.push(...documentFindings(invoice, earlierOf(invoice, earlier)));
  findings.push(...invoiceDifferences(invoice, computed, earlierOf(invoice, earlier), subject));
  const { clientId, currency, monthMs } = invoice;
  const readings = readingsOf({ clientId, currency, monthMs, rows, asOf, versions, unique });
  findings.push(...same('line_amount', `${subject} readings`, readings, evidence.readings));
  findings.push(...documentReadings(invoice, readings, subject));
  return findings;
}

/** The readings on the document are those of the evidence. A correction by a person has none. */
function documentReadings(
  { document, origin }: Invoice,
  readings: readonly Reading[],
  subject: string,
): Finding[] {
  if (document === null || origin === 'manual') return [];
  const figures = (all: ReadonlyArray<IssuedDocument['readings'][number]>) =>
    JSON.stringify(all.map(({ name, posts, amount, isUsed }) => [name, posts, amount, isUsed]));
  const [expected, found] = [figures(readings), figures(document.readings)];
  return expected === found ? [] : [finding('document_differs', `${subject} readings`, expected, found)];
}

/** The chains prove the hashes. Each text must match its hash, and every hash must have an entry. */
function configurationFindings({ chains, configurations = [] }: Evidence, sha256: Sha256): Finding[] {
  const named = new Set(chains.flatMap((chain) => (chain.configurations ?? []).map(({ hash }) => hash)));
  const given = configurations.map(({ hash }) => hash);
  const findings = configurations.flatMap(({ hash, content }) => {
    if (content === null) return [];
    const found = hexOf(sha256(new TextEncoder().encode(content)));
    return found === hash ? [] : [finding('configuration_hash', `configurations/${hash}`, hash, found)];
  });
  const [expected, found] = [[...named].sort().join(), given.toSorted().join()];
  if (expected === found) return findings;
  return [...findings, finding('configuration_unlinked', 'configurations', expected, found)];
}

/** The chains prove the versions. Each document must match its hash, and every version must have an entry. */
function policyFindings({ chains, policies = [] }: Evidence, sha256: Sha256): Finding[] {
  const findings = policies.flatMap(({ version, sha256: hash, document }) => {
    const found = hexOf(sha256(new TextEncoder().encode(canonicalPolicy(document))));
    return found === hash ? [] : [finding('policy_hash', `policies/${version}`, hash, found)];
  });
  const named = new Set(
    chains.flatMap((chain) => (chain.epochs ?? []).map(({ policyVersion }) => policyVersion)),
  );
  const inOrder = (versions: Iterable<number>) => [...versions].sort((a, b) => a - b).join();
  const [expected, found] = [inOrder(named), inOrder(policies.map(({ version }) => version))];
  if (expected === found) return findings;
  return [...findings, finding('epoch_unlinked', 'policies', expected, found)];
}

function provenUsage({ chains, opening, asOf }: Evidence, findings: Finding[], sha256: Sha256): Usage[] {
  const usage: Usage[] = opening.map(([clientId, identifierId, bucketMs, posts]) => ({
    ...{ clientId, identifierId, bucketMs, posts },
    ...{ requests: 0, refused: 0, bytes: 0, uncounted: 0 },
  }));
  const journals = new Set<string>();
  for (const chain of chains) {
    const subject = `journals/${chain.journalId}`;
    const checked = checkChain(chain, sha256);
    findings.push(...checked.findings);
    const last = chain.links.at(-1)!.lastSequence;
    const most = asOf.journals[chain.journalId] ?? -1;
    if (last > most) findings.push(finding('chain_end', subject, `at most record ${most}`, last));
    if (journals.has(chain.journalId)) findings.push(finding('chain_sequence', subject, 'once', 'twice'));
    journals.add(chain.journalId);
    for (const one of checked.usage) usage.push(one);
  }
  return usage;
}

function asSealed({ id, clientId, version, validFromMs, terms }: Evidence['tariffs'][number]) {
  return { id, clientId, version, validFromMs, terms };
}
