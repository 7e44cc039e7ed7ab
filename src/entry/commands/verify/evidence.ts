/** `postmeter evidence`: writes one signed file that proves an issued invoice to anyone who has the public key. */

import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { sha256 } from '../../../adapters/crypto/sha256.ts';
import { readPrivateKey, sign } from '../../../adapters/crypto/signing.ts';
import { findIssued, readEvidence } from '../../../adapters/postgres/verification/evidence.ts';
import { recordedConfiguration } from '../../../config/recorded.ts';
import { checkEvidence } from '../../../evidence/check.ts';
import type { Evidence } from '../../../evidence/format.ts';
import { inForce } from '../../../meter/chain/configurations.ts';
import { chainsFindings } from '../../../verify/ledger.ts';
import type { IssuedInvoice } from '../../../verify/port.ts';
import { type LoadedConfig, readConfigFile } from '../../config-file.ts';
import { withLedgerToVerify } from '../../stores/verified-ledger.ts';
import { UsageError } from '../../usage-error.ts';
import { lineOf } from './finding-line.ts';

interface Options {
  readonly key: string;
  readonly out?: string;
  readonly config?: string;
}

export function evidenceCommand(): Command {
  return new Command('evidence')
    .description('write one signed file that proves an issued invoice: usage, tariff, chains, other readings')
    .argument('<invoice>', 'number or id of the invoice')
    .requiredOption('--key <file>', 'private key from `postmeter key create`')
    .option('--out <file>', 'output file (default: invoice-NUMBER.evidence.jws)')
    .option(
      '--config <file>',
      'configuration that must match the recorded one; it is stated for usage without a record (default: POSTMETER_CONFIG)',
    )
    .action(async (name: string, { key, out, config }: Options, command: Command) => {
      const signer = readKey(key);
      const given = readConfigFile(config ?? process.env.POSTMETER_CONFIG);
      const { number, payload } = await withLedgerToVerify(async (ledger, tx) => {
        const issued = await findIssued(tx, name);
        if (issued === null) throw new UsageError(`${name} is not an issued invoice; see postmeter invoices`);
        const asOf = sealOf(issued, name);
        const read = await readEvidence(tx, ledger, issued, asOf, countingRules(given));
        if (config !== undefined) demandRecorded(read, given, config);
        const evidence = isRecorded(read) ? { ...read, rules: {} } : read;
        const findings = checkEvidence(evidence, sha256);
        const lines = findings.map((one) => lineOf({ finding: one }));
        const chains = await chainsFindings(ledger, issued.invoice, asOf, sha256);
        lines.push(...chains.map((one) => lineOf({ finding: one })));
        if (lines.length > 0) {
          const advice =
            'the ledger differs from the issued invoice, so no file was written; see postmeter verify';
          throw new UsageError([...lines, advice].join('\n'));
        }
        return { number: issued.invoice.number, payload: JSON.stringify(evidence) };
      });
      const file = out ?? `invoice-${number}.evidence.jws`;
      const signed = await sign(payload, signer);
      writeFileSync(file, `${signed}\n`);
      command.configureOutput().writeOut?.(`${file}: ${signed.length} bytes\n`);
    });
}

function readKey(file: string) {
  try {
    return readPrivateKey(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file}: is not a private key (${reason}); create one with postmeter key create`, {
      cause,
    });
  }
}

function sealOf({ asOf, contentHash, usageHash }: IssuedInvoice, name: string) {
  if (asOf !== null && contentHash !== null && usageHash !== null) return asOf;
  throw new UsageError(`invoice ${name} has no seal: it was issued before invoices were sealed`);
}

/** True if the ledger records the configuration of all usage of the invoice. */
function isRecorded({ chains, opening }: Evidence): boolean {
  return (
    opening.length === 0 &&
    chains.every(({ links, configurations = [] }) =>
      links.every(({ firstSequence, lastSequence, leaves }) => {
        if (leaves === undefined) return true;
        const [first] = inForce(configurations, firstSequence, lastSequence);
        return first !== undefined && first.sequence <= firstSequence;
      }),
    )
  );
}

/** Throws if the named file is not one of the recorded configurations of the invoice's usage. */
function demandRecorded({ configurations = [] }: Evidence, given: LoadedConfig, file: string): void {
  const { hash } = recordedConfiguration(given.config, sha256);
  if (configurations.length === 0 || configurations.some((one) => one.hash === hash)) return;
  const recorded = configurations.map((one) => one.hash).join(', ');
  throw new UsageError(
    `${file} is not the configuration under which the invoice's usage was metered: its hash is ${hash}, the ledger has ` +
      `${recorded}. Omit --config to use the recorded configuration.`,
  );
}

/** Returns the fields of the configuration that determine how posts were found and counted. */
function countingRules({ config, routes }: LoadedConfig): Record<string, unknown> {
  const { bucketSeconds, billing, count, platform = null } = config;
  const own = {
    bucketSeconds,
    latenessSeconds: billing.latenessSeconds,
    count,
    platform,
    routes: config.routes,
  };
  return JSON.parse(JSON.stringify({ ...own, routesInAll: routes.rules.length }));
}
