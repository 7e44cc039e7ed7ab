/** `postmeter verify`: recomputes the ledger from usage to invoice and prints differences, or checks an evidence file. */

import { Command, Option } from 'commander';
import { sha256 } from '../../../adapters/crypto/sha256.ts';
import { billingRulesOf } from '../../../config/billing-rules.ts';
import { counted } from '../../../report/counted.ts';
import type { VerificationEvent, VerifiedCounts } from '../../../verify/finding.ts';
import { verifyLedger } from '../../../verify/ledger.ts';
import { readConfigFile } from '../../config-file.ts';
import { withLedgerToVerify } from '../../stores/verified-ledger.ts';
import { UsageError } from '../../usage-error.ts';
import { withDocuments } from './documents.ts';
import { lineOf } from './finding-line.ts';
import { verifyFile } from './verify-file.ts';

interface Options {
  readonly key?: string;
  readonly format: 'text' | 'json';
  readonly config?: string;
  readonly documents?: boolean;
}

type Write = (text: string) => void;

/** Maximum number of printed lines per code. Further ones are only counted. */
const MAX_LINES = 1000;
const DIFFERS = 1;

const MORE_HELP = `
A finding is one line: CODE SUBJECT: expected ..., found .... Notes report known facts that are not differences. The
line before the last summarises what was verified.
Exit code: 0 no difference, 1 differences, 2 the ledger could not be verified or is empty.`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'recompute the ledger from usage to invoice and print differences, or check an evidence file',
    )
    .argument('[file]', 'file from `postmeter evidence`; needs --key but no ledger')
    .option('--key <file>', 'public key of the signer, as PEM or JWK')
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .option('--config <file>', 'configuration with the billing rules (default: POSTMETER_CONFIG)')
    .option('--documents', 'draw each stored document again as well, and compare its bytes')
    .addHelpText('after', MORE_HELP)
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const { key, format, config, documents = false } = options;
      const write: Write = (text) => command.configureOutput().writeOut?.(`${text}\n`);
      if (file !== undefined) {
        if (!(await verifyFile(file, key, format, write))) process.exitCode = DIFFERS;
        return;
      }
      const rules = billingRulesOf(readConfigFile(config ?? process.env.POSTMETER_CONFIG).config);
      const { findings, verified } = await withLedgerToVerify((ledger, tx) => {
        const events = verifyLedger(ledger, rules, sha256);
        return printEvents(documents ? withDocuments(events, tx) : events, format, write);
      });
      if (findings === 0 && isEmpty(verified)) {
        throw new UsageError(
          'the ledger is empty, so nothing was verified: check that DATABASE_URL or DATA_DIR is that of the gateway',
        );
      }
      if (findings > 0) process.exitCode = DIFFERS;
    });
}

/** A new ledger contains only its default tariff. */
function isEmpty({ journals, batches, invoices, clients }: VerifiedCounts): boolean {
  return journals + batches + invoices + clients === 0;
}

/** Prints each event as it arrives. Returns the number of findings and what was compared. */
async function printEvents(
  events: AsyncIterable<VerificationEvent>,
  format: Options['format'],
  write: Write,
): Promise<{ readonly findings: number; readonly verified: VerifiedCounts }> {
  const counts = new Map<string, number>();
  let findings = 0;
  let verified: VerifiedCounts | undefined;
  for await (const one of events) {
    if ('verified' in one) {
      verified = one.verified;
      continue;
    }
    const { code } = 'finding' in one ? one.finding : one.note;
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if ('finding' in one) findings++;
    if (count <= MAX_LINES) write(format === 'json' ? JSON.stringify(one) : lineOf(one));
  }
  for (const [code, count] of counts) {
    if (count > MAX_LINES && format === 'text') write(`${code}: ${count - MAX_LINES} more`);
  }
  if (verified === undefined) throw new Error('verification ended before it had compared everything');
  if (format === 'json') write(JSON.stringify({ findings, codes: Object.fromEntries(counts), verified }));
  else {
    write(`verified: ${textOf(verified)}`);
    write(findings === 0 ? 'ok: nothing differs' : counted(findings, 'difference'));
  }
  return { findings, verified };
}

function textOf({ documents, ...verified }: VerifiedCounts): string {
  const { invoices, breaches, batches, journals, tariffVersions, clients } = verified;
  const drawn = documents === undefined ? '' : `, ${counted(documents, 'document')} drawn again`;
  return (
    `${counted(invoices, 'issued invoice')}, ${counted(breaches, 'breach', 'breaches')} of ${counted(clients, 'client')}, ` +
    `${counted(batches, 'batch', 'batches')} of ${counted(journals, 'journal')}, ${counted(tariffVersions, 'tariff version')}${drawn}`
  );
}
