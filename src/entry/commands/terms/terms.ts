/** `postmeter terms`: adds and shows versions of the published policy, and checks what is published. */

import { Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import {
  PolicyPreviewSchema,
  PolicyVersionSchema,
  SiteDocumentSchema,
} from '../../../admin/routes/policies/policy-schemas.ts';
import { UsageError } from '../../usage-error.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTerms } from '../billing/tariff.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';
import { termsCheckCommand } from './check.ts';

type Version = z.output<typeof PolicyVersionSchema>;

const VERSIONS: Listing<Version> = {
  key: 'policies',
  empty: 'No policy is published.',
  columns: [
    { name: 'version', cell: ({ version }) => version },
    { name: 'validFrom', cell: ({ validFrom }) => validFrom },
    { name: 'inForce', cell: ({ isInForce }) => (isInForce ? 'yes' : null) },
    { name: 'mode', cell: ({ policy }) => policy.enforcement.mode },
    { name: 'createdBy', cell: ({ createdBy }) => createdBy },
    { name: 'reason', cell: ({ reason }) => reason },
    { name: 'sha256', cell: ({ sha256 }) => sha256, isWide: true },
  ],
};

type Difference = z.output<typeof PolicyPreviewSchema>['differences'][number];

const DIFFERENCES: Listing<Difference> = {
  key: 'differences',
  empty: 'robots.txt says the same to every agent as now.',
  columns: [
    { name: 'agent', cell: ({ agent }) => agent },
    { name: 'path', cell: ({ path }) => path },
    { name: 'now', cell: ({ isAllowed }) => (isAllowed ? 'forbidden' : 'allowed') },
    { name: 'then', cell: ({ isAllowed }) => (isAllowed ? 'allowed' : 'forbidden') },
  ],
};

interface AddOptions {
  readonly reason: string;
  readonly from?: string;
  readonly dryRun?: true;
  readonly format: OutputFormat;
}

export function termsCommand(): Command {
  return new Command('terms')
    .description('publish the terms of use for machines, and check what is published')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(termsCheckCommand());
}

function addCommand(): Command {
  return new Command('add')
    .description('add a version of the published policy')
    .argument('<file>', 'policy as JSON')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .option('--from <time>', 'when it takes effect (default: now)', readTimestampOption)
    .option('--dry-run', 'print what it changes, and store nothing')
    .addOption(formatOption())
    .action(async (file: string, { reason, from, dryRun, format }: AddOptions, command: Command) => {
      const start = from === undefined ? {} : { validFrom: from };
      const body = { policy: await readTerms(file), reason, ...start, dryRun: dryRun === true };
      const answer = await withAdminApi((api) => api.ask('POST', '/v1/policies', body));
      if (dryRun !== true) return printRows(command, format, VERSIONS, [PolicyVersionSchema.parse(answer)]);
      const { contradictions, differences } = PolicyPreviewSchema.parse(answer);
      if (contradictions.length > 0) throw new UsageError(contradictions.map(faultLine).join('\n'));
      printRows(command, format, DIFFERENCES, differences);
    });
}

function faultLine({ field, reason, hint }: { field: string; reason: string; hint: string }): string {
  return `policy.${field} ${reason}: ${hint}`;
}

function listCommand(): Command {
  return new Command('list')
    .description('list the versions of the published policy, newest first')
    .addOption(formatOption())
    .action(async ({ format }: { format: OutputFormat }, command: Command) => {
      const versions = await withAdminApi((api) =>
        toArray(allFromApi(api, '/v1/policies', {}, PolicyVersionSchema)),
      );
      printRows(command, format, VERSIONS, versions);
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('print a version of the published policy as JSON, or one of its documents')
    .argument('<version>', 'number of the version', readVersion)
    .option('--document <name>', 'robots.txt, license.xml, tdmrep.json or tdm-policy.json')
    .action(async (version: number, { document }: { document?: string }, command: Command) => {
      const path = `/v1/policies/${version}`;
      const text = await withAdminApi(async (api) => {
        if (document === undefined) {
          return JSON.stringify(PolicyVersionSchema.parse(await api.ask('GET', path)).policy, null, 2);
        }
        const answer = await api.ask('GET', `${path}/documents/${encodeURIComponent(document)}`);
        return SiteDocumentSchema.parse(answer).content.trimEnd();
      });
      command.configureOutput().writeOut?.(`${text}\n`);
    });
}

function readVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Use the number of a version.');
  return Number(text);
}
