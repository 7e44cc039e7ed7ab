/** `postmeter rights explain`: prints which states hold for a post, and the settings that decide. */

import { Command } from 'commander';
import { z } from 'zod';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

interface ExplainOptions {
  readonly post?: string;
  readonly author?: string;
  readonly blog?: string;
  readonly path?: string;
  readonly scope?: string;
  readonly at?: string;
  readonly format: OutputFormat;
}

const explanationSchema = z.object({
  states: z.array(z.string()),
  subjects: z.array(
    z.object({
      kind: z.string(),
      name: z.string(),
      decidedBy: z.array(
        z.object({
          sequence: z.number(),
          state: z.string(),
          value: z.string(),
          source: z.string(),
          effectiveAt: z.string(),
          actor: z.string(),
          reason: z.string(),
        }),
      ),
    }),
  ),
});
type Explanation = z.output<typeof explanationSchema>;
type Deciding = Explanation['subjects'][number]['decidedBy'][number] & {
  readonly subject: string;
  readonly holds: boolean;
};

const LISTING: Listing<Deciding> = {
  key: 'settings',
  empty: 'No setting concerns these subjects.',
  columns: [
    { name: 'subject', cell: ({ subject }) => subject },
    { name: 'state', cell: ({ state }) => state },
    { name: 'value', cell: ({ value }) => value },
    { name: 'holds', cell: ({ holds }) => (holds ? 'yes' : 'no') },
    { name: 'source', cell: ({ source }) => source },
    { name: 'since', cell: ({ effectiveAt }) => effectiveAt },
    { name: 'sequence', cell: ({ sequence }) => String(sequence) },
    { name: 'actor', cell: ({ actor }) => actor, isWide: true },
    { name: 'reason', cell: ({ reason }) => reason },
  ],
};

export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'print which states hold for a post, its author, blog and path, and the settings that decide',
    )
    .option('--post <id>', 'id of the post')
    .option('--author <id>', 'id of the author')
    .option('--blog <name>', 'host or account of the blog')
    .option('--path <path>', 'path')
    .option('--scope <text>', 'host or site, if names are unique only there')
    .option('--at <time>', 'ignore settings that were received later (default: now)', readTimestampOption)
    .addOption(formatOption())
    .action(async ({ format, ...query }: ExplainOptions, command: Command) => {
      const answer = await withAdminApi((api) =>
        api.ask('GET', `/v1/rights/explain?${new URLSearchParams({ ...query })}`),
      );
      printRows(command, format, LISTING, decidingOf(explanationSchema.parse(answer)));
    });
}

/** `holds` is whether the state holds for the post: another subject may decide it. */
function decidingOf({ states, subjects }: Explanation): Deciding[] {
  return subjects.flatMap(({ kind, name, decidedBy }) =>
    decidedBy.map((setting) => ({
      ...setting,
      subject: `${kind} ${name}`,
      holds: (setting.value === 'on') === states.includes(setting.state),
    })),
  );
}
