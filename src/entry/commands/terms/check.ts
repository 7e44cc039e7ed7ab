/** `postmeter terms check`: compares the policy in force with what the platform, or the public site, publishes. */

import { Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { routePaths } from '../../../admin/routes/policies/policy-preview.ts';
import { PolicyVersionSchema, TermsCheckSchema } from '../../../admin/routes/policies/policy-schemas.ts';
import { catalogueOf } from '../../../identify/asker/catalogue/catalogue.ts';
import { checkTerms } from '../../../terms/check/check.ts';
import type { TermsFinding } from '../../../terms/check/finding.ts';
import { readConfigFile } from '../../config-file.ts';
import { siteAt } from '../../terms/site.ts';
import { UsageError } from '../../usage-error.ts';
import { VERSION } from '../../version.ts';
import { allFromApi } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

const MORE_HELP = `
Without a URL, the robots.txt and pages of the platform itself are compared with the policy. With the URL of the public
site, its robots.txt, licence and pages are, as caches and the gateway serve them.

Exit code: 0 no error, 1 errors, 2 the check was not possible.`;

const HAS_ERRORS = 1;

const FINDINGS: Listing<TermsFinding> = {
  key: 'findings',
  empty: 'What is published agrees with the policy.',
  columns: [
    { name: 'level', cell: ({ level }) => level },
    { name: 'code', cell: ({ code }) => code },
    { name: 'path', cell: ({ path }) => path },
    { name: 'agent', cell: ({ agent }) => agent },
    { name: 'detail', cell: ({ detail }) => detail, isWide: true },
    { name: 'hint', cell: ({ hint }) => hint },
  ],
};

export function termsCheckCommand(): Command {
  return new Command('check')
    .description('compare what is published with the policy in force')
    .argument('[url]', 'the public site, as its readers see it', readSite)
    .addOption(formatOption())
    .addHelpText('after', MORE_HELP)
    .action(async (url: string | undefined, { format }: { format: OutputFormat }, command: Command) => {
      const findings = url === undefined ? await platformFindings() : await publicFindings(url);
      printRows(command, format, FINDINGS, findings);
      if (findings.some(({ level }) => level === 'error')) process.exitCode = HAS_ERRORS;
    });
}

async function platformFindings(): Promise<readonly TermsFinding[]> {
  const answer = await withAdminApi((api) => api.ask('POST', '/v1/policies/check', {}));
  return TermsCheckSchema.parse(answer).findings;
}

async function publicFindings(url: string): Promise<TermsFinding[]> {
  const { config, routes } = readConfigFile(process.env.POSTMETER_CONFIG);
  const { policy } = await versionInForce();
  const { agents } = catalogueOf(config.agents.catalogue);
  const check = { policy, agents, paths: routePaths({ routes: () => routes }), side: 'public' } as const;
  return checkTerms(check, siteAt(url, VERSION));
}

async function versionInForce(): Promise<z.output<typeof PolicyVersionSchema>> {
  return withAdminApi(async (api) => {
    for await (const version of allFromApi(api, '/v1/policies', {}, PolicyVersionSchema)) {
      if (version.isInForce) return version;
    }
    throw new UsageError('no policy is in force; add one with postmeter terms add');
  });
}

function readSite(text: string): string {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new InvalidArgumentError('Use a URL that starts with http:// or https://.');
  }
  return text;
}
