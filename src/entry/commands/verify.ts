/** `postmeter verify`: recomputes a ledger from usage to invoice and prints what differs, or checks a file of evidence. */

import { Command, Option } from 'commander';
import { sha256 } from '../../adapters/node/sha256.ts';
import type { VerificationEvent, Verified } from '../../verify/finding.ts';
import { verifyLedger } from '../../verify/ledger.ts';
import { readConfigFile } from '../config-file.ts';
import { UsageError } from '../usage-error.ts';
import { billingRulesOf, onVerifiedLedger } from '../verified-ledger.ts';
import { lineOf } from './finding-line.ts';
import { verifyFile } from './verify-file.ts';

interface Options {
  readonly key?: string;
  readonly format: 'text' | 'json';
  readonly config?: string;
}

type Write = (text: string) => void;

/** Lines of one code; of the others only how many there are. */
const MOST_LINES = 1000;
const DIFFERS = 1;

const MORE_HELP = `
Each line of a finding is CODE SUBJECT: expected ..., found ...; notes say what is known and no difference.
The line before the last says what was verified.
Exit code: 0 nothing differs, 1 something does, 2 it could not be verified, or the ledger is empty.`;

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'recompute the ledger from usage to invoice and print what differs; or check a file of evidence',
    )
    .argument('[file]', 'a file of `postmeter evidence`; needs --key and no ledger')
    .option('--key <file>', 'the public key of who signed the file, as PEM or JWK')
    .addOption(
      new Option('--format <format>', 'how to print findings').choices(['text', 'json']).default('text'),
    )
    .option('--config <file>', 'the configuration with the rules (default: POSTMETER_CONFIG)')
    .addHelpText('after', MORE_HELP)
    .action(async (file: string | undefined, { key, format, config }: Options, command: Command) => {
      const write: Write = (text) => command.configureOutput().writeOut?.(`${text}\n`);
      if (file !== undefined) {
        if (!(await verifyFile(file, key, format, write))) process.exitCode = DIFFERS;
        return;
      }
      const rules = billingRulesOf(readConfigFile(config ?? process.env.POSTMETER_CONFIG));
      const { findings, verified } = await onVerifiedLedger((ledger) =>
        tell(verifyLedger(ledger, rules, sha256), format, write),
      );
      if (findings === 0 && isEmpty(verified)) {
        throw new UsageError(
          'the ledger is empty, so nothing was verified: check that DATABASE_URL or DATA_DIR names the ledger of the gateway',
        );
      }
      if (findings > 0) process.exitCode = DIFFERS;
    });
}

/** A new ledger has its default tariff and nothing else. */
function isEmpty({ journals, batches, invoices, clients }: Verified): boolean {
  return journals + batches + invoices + clients === 0;
}

/** Prints each line as it comes; returns how many findings there were, and what was compared. */
async function tell(
  told: AsyncIterable<VerificationEvent>,
  format: Options['format'],
  write: Write,
): Promise<{ readonly findings: number; readonly verified: Verified }> {
  const counts = new Map<string, number>();
  let findings = 0;
  let verified: Verified | undefined;
  for await (const one of told) {
    if ('verified' in one) {
      verified = one.verified;
      continue;
    }
    const { code } = 'finding' in one ? one.finding : one.note;
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if ('finding' in one) findings++;
    if (count <= MOST_LINES) write(format === 'json' ? JSON.stringify(one) : lineOf(one));
  }
  for (const [code, count] of counts) {
    if (count > MOST_LINES && format === 'text') write(`${code}: ${count - MOST_LINES} more`);
  }
  if (verified === undefined) throw new Error('verification ended before it had compared everything');
  if (format === 'json') write(JSON.stringify({ findings, codes: Object.fromEntries(counts), verified }));
  else {
    write(`verified: ${textOf(verified)}`);
    write(findings === 0 ? 'ok: nothing differs' : `${findings} differences`);
  }
  return { findings, verified };
}

function textOf({ invoices, breaches, batches, journals, tariffVersions, clients }: Verified): string {
  return (
    `${invoices} issued invoices, ${breaches} breaches of ${clients} clients, ` +
    `${batches} batches of ${journals} journals, ${tariffVersions} tariff versions`
  );
}
