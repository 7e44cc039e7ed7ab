/** `postmeter rights subjects` and `sources`: lists of the registry of rights. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { STATES } from '../../../rights/state.ts';
import { SUBJECT_KINDS } from '../../../rights/subject.ts';
import { allFromApi } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

const subjectSchema = z.object({
  id: z.number(),
  kind: z.string(),
  scope: z.string(),
  name: z.string(),
  on: z.array(z.string()),
  off: z.array(z.string()),
  changedAt: z.string(),
});
const sourceSchema = z.object({
  id: z.string(),
  settings: z.number(),
  createdAt: z.string(),
  lastReceivedAt: z.string().nullable(),
});

const SUBJECTS: Listing<z.output<typeof subjectSchema>> = {
  key: 'subjects',
  empty: 'No subject matches.',
  columns: [
    { name: 'id', cell: ({ id }) => String(id) },
    { name: 'kind', cell: ({ kind }) => kind },
    { name: 'scope', cell: ({ scope }) => scope },
    { name: 'name', cell: ({ name }) => name },
    { name: 'on', cell: ({ on }) => on.join(' ') },
    { name: 'off', cell: ({ off }) => off.join(' ') },
    { name: 'changedAt', cell: ({ changedAt }) => changedAt },
  ],
};
const SOURCES: Listing<z.output<typeof sourceSchema>> = {
  key: 'sources',
  empty: 'No source has stated a setting.',
  columns: [
    { name: 'source', cell: ({ id }) => id },
    { name: 'settings', cell: ({ settings }) => settings },
    { name: 'lastReceivedAt', cell: ({ lastReceivedAt }) => lastReceivedAt },
    { name: 'createdAt', cell: ({ createdAt }) => createdAt },
  ],
};

interface SubjectOptions {
  readonly kind?: string;
  readonly scope?: string;
  readonly name?: string;
  readonly state?: string;
  readonly limit: number;
  readonly format: OutputFormat;
}

export function subjectsCommand(): Command {
  return new Command('subjects')
    .description('list subjects with their current states, oldest first')
    .addOption(new Option('--kind <kind>', 'kind of the subjects').choices(SUBJECT_KINDS))
    .option('--scope <text>', 'scope of the subjects')
    .option('--name <text>', 'name of the subject')
    .addOption(new Option('--state <state>', 'state that is on').choices(STATES))
    .option('--limit <n>', 'maximum number of subjects', readLimit, 100)
    .addOption(formatOption())
    .action(async ({ format, limit, ...filter }: SubjectOptions, command: Command) => {
      const rows = await withAdminApi(async (api) => {
        const found: z.output<typeof subjectSchema>[] = [];
        for await (const subject of allFromApi(api, '/v1/rights/subjects', { ...filter }, subjectSchema)) {
          found.push(subject);
          if (found.length === limit) break;
        }
        return found;
      });
      printRows(command, format, SUBJECTS, rows);
    });
}

export function sourcesCommand(): Command {
  return new Command('sources')
    .description('list the sources of settings')
    .addOption(formatOption())
    .action(async ({ format }: { readonly format: OutputFormat }, command: Command) => {
      const answer = await withAdminApi((api) => api.ask('GET', '/v1/rights/sources'));
      printRows(command, format, SOURCES, z.object({ items: z.array(sourceSchema) }).parse(answer).items);
    });
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
