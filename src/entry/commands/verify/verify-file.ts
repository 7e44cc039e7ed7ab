/** `postmeter verify FILE`: checks an evidence file with only the public key, and summarises what it proves. */

import { readFileSync } from 'node:fs';
import { sha256 } from '../../../adapters/crypto/sha256.ts';
import { openSigned, readPublicKey } from '../../../adapters/crypto/signing.ts';
import { AT_THE_EDGE } from '../../../config/recorded.ts';
import { parsedJson } from '../../../count/json/parsed-json.ts';
import { differencesIn } from '../../../evidence/check.ts';
import { type Evidence, evidenceSchema } from '../../../evidence/format.ts';
import { counted } from '../../../report/counted.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { UsageError } from '../../usage-error.ts';
import { lineOf } from './finding-line.ts';

const EDGE_NOTE =
  `Usage metered by a version that ends with ${AT_THE_EDGE} is what was handed to the runtime of Cloudflare Workers, which ` +
  'does not say how much of a response has reached a client that leaves.';

type Write = (text: string) => void;

/** Returns whether the file proves the invoice. Throws `UsageError` if the file or the key cannot be read. */
export async function verifyFile(
  file: string,
  keyFile: string | undefined,
  format: 'text' | 'json',
  write: Write,
): Promise<boolean> {
  if (keyFile === undefined) throw new UsageError('--key is missing: name the public key of the signer');
  const key = readable(keyFile, 'a public key', () => readPublicKey(keyFile));
  const text = readable(file, 'a readable evidence file', () => readFileSync(file, 'utf8')).trim();
  const opened = await openSigned(text, key);
  if (!opened.ok) return refuse(write, format, `the signature is not valid: ${opened.reason}`);
  const parsed = evidenceSchema.safeParse(parsedJson(opened.payload));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = `${issue?.path.join('.')} ${issue?.message}`;
    return refuse(write, format, `the signature is valid, but the payload is not evidence: ${where}`);
  }
  const findings = differencesIn(parsed.data, sha256, 'the file');
  if (format === 'json') {
    const { invoice, readings } = parsed.data;
    write(JSON.stringify({ signedBy: opened.thumbprint, invoice: invoice.number, readings, findings }));
  } else {
    for (const line of summaryOf(parsed.data, opened.thumbprint)) write(line);
    for (const one of findings) write(lineOf({ finding: one }));
    write(
      findings.length === 0
        ? 'ok: the invoice follows from the proven usage'
        : `${findings.length} differences`,
    );
  }
  return findings.length === 0;
}

function refuse(write: Write, format: 'text' | 'json', reason: string): false {
  write(format === 'json' ? JSON.stringify({ refused: reason }) : `refused: ${reason}`);
  return false;
}

function readable<T>(file: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file}: is not ${what} (${reason})`, { cause });
  }
}

function summaryOf(evidence: Evidence, thumbprint: string): string[] {
  const { invoice, asOf, usage, chains, clause, gaps, opening, readings } = evidence;
  const posts = usage.reduce((sum, [, , count]) => sum + count, 0);
  const links = chains.reduce((sum, chain) => sum + chain.links.length, 0);
  const { currency } = invoice;
  return [
    `Signed by the key ${thumbprint} on evidence made ${isoTimestamp(evidence.madeAtMs)}.`,
    `${invoice.kind.replace('_', ' ')} ${invoice.number} to ${invoice.billTo?.legalName ?? invoice.clientId}, issued ` +
      `${isoTimestamp(invoice.issuedAtMs ?? 0)}: ${formatMoney(BigInt(invoice.amountMinor), currency)} ${currency}.`,
    `It is based on the period from ${isoTimestamp(asOf.fromMs)} to ${isoTimestamp(asOf.toMs)} (UTC).`,
    `Clause: ${clause.join('; ') || 'not named'}`,
    `Usage: ${counted(posts, 'post')} in ${counted(usage.length, 'row')} by bucket and identifier (whole UTC days), ` +
      `proven by ${counted(links, 'link')} of ${counted(chains.length, 'journal')}` +
      (opening.length === 0
        ? '.'
        : `, and ${counted(opening.length, 'row')} from before the chain, not proven.`),
    ...configurationLines(evidence),
    ...policyLines(evidence),
    ...invoice.lines.map(
      (line) =>
        `  ${line.description}: ${line.posts} posts, ${formatMoney(BigInt(line.amountMinor), currency)} ${currency}`,
    ),
    ...gaps.map(
      ([journalId, fromMs, toMs, responses, lost]) =>
        `Not metered by ${journalId} from ${isoTimestamp(fromMs)} to ${isoTimestamp(toMs)}: ${counted(responses, 'response')}, ${counted(lost, 'post')}.`,
    ),
    'Readings of the clause, before earlier invoices are offset (* marks the one used):',
    ...readings.map(
      (one) =>
        `${one.isUsed ? '* ' : '  '}${one.name}: ${one.amount} ${currency} (${one.posts} posts). ${one.sentence}`,
    ),
  ];
}

/** Returns lines about the configurations and versions under which the usage was metered. */
export function configurationLines({
  chains,
  configurations = [],
  rules,
}: Pick<Evidence, 'chains' | 'configurations' | 'rules'>): string[] {
  const lines = configurations.map(({ hash, content }) => {
    const uses = chains.flatMap((chain) => (chain.configurations ?? []).filter((one) => one.hash === hash));
    const versions = [...new Set(uses.map(({ version }) => version))].join(', ');
    const since = isoTimestamp(Math.min(...uses.map(({ fromMs }) => fromMs)));
    const text = content === null ? 'its text is not in the ledger' : 'its text is in the file';
    return `Metered under configuration ${hash} since ${since} by program version ${versions}; ${text}.`;
  });
  const isAtTheEdge = chains.some((chain) =>
    chain.configurations?.some(({ version }) => version.endsWith(AT_THE_EDGE)),
  );
  if (isAtTheEdge) lines.push(EDGE_NOTE);
  if (Object.keys(rules).length === 0) return lines;
  return [
    ...lines,
    'Some of the usage has no recorded configuration; the file states the one that was given to the command.',
  ];
}

/** Returns lines about the policies under which requests were decided. */
function policyLines({ chains, policies = [] }: Pick<Evidence, 'chains' | 'policies'>): string[] {
  const epochs = chains.flatMap((chain) => chain.epochs ?? []);
  return policies.map(({ version, sha256 }) => {
    const uses = epochs.filter(({ policyVersion }) => policyVersion === version);
    const since = isoTimestamp(Math.min(...uses.map(({ atMs }) => atMs)));
    return `Decided under policy ${version} since ${since}, whose document has the hash ${sha256}.`;
  });
}
