/** `postmeter askers`: prints who asked, by class, agent or client. */

import { Command, Option } from 'commander';
import type { z } from 'zod';
import { AskersSchema } from '../../admin/routes/askers/askers.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { readTimestampOption } from './options/timestamp-option.ts';
import {
  formatOption,
  type Listing,
  type OutputFormat,
  type PrintedColumn,
  printRows,
} from './print-rows.ts';

type Askers = z.output<typeof AskersSchema>;
type Sums = Askers['classes'][number];

interface Options {
  readonly by: keyof typeof LISTINGS;
  readonly from?: string;
  readonly to?: string;
  readonly format: OutputFormat;
}

const SUMS: readonly PrintedColumn<Sums>[] = [
  { name: 'answers', cell: ({ answers }) => answers },
  { name: 'posts', cell: ({ posts }) => posts },
  { name: 'withheld', cell: ({ withheld }) => withheld },
];
const CLASS: PrintedColumn<Sums> = { name: 'class', cell: (row) => row.class };
const EMPTY = 'No request in this range.';

const CLASSES: Listing<Sums> = { key: 'classes', empty: EMPTY, columns: [CLASS, ...SUMS] };
const AGENTS: Listing<Askers['agents'][number]> = {
  key: 'agents',
  empty: 'No request of an agent in this range.',
  columns: [
    { name: 'agent', cell: ({ agent }) => agent },
    CLASS,
    { name: 'alsoAs', cell: ({ alsoAs }) => alsoAs, isWide: true },
    { name: 'verdict', cell: ({ verdict }) => verdict },
    { name: 'evidence', cell: ({ evidence }) => evidence },
    ...SUMS,
  ],
};
const CLIENTS: Listing<Askers['clients'][number]> = {
  key: 'clients',
  empty: EMPTY,
  columns: [
    { name: 'client', cell: ({ clientId }) => clientId },
    CLASS,
    { name: 'agent', cell: ({ agent }) => agent },
    ...SUMS,
  ],
};
const HOURS: Listing<Askers['hours'][number]> = {
  key: 'hours',
  empty: EMPTY,
  columns: [{ name: 'hour', cell: ({ at }) => at }, CLASS, ...SUMS],
};

const LISTINGS = {
  class: (command: Command, format: OutputFormat, found: Askers) =>
    printRows(command, format, CLASSES, found.classes),
  agent: (command: Command, format: OutputFormat, found: Askers) =>
    printRows(command, format, AGENTS, found.agents),
  client: (command: Command, format: OutputFormat, found: Askers) =>
    printRows(command, format, CLIENTS, found.clients),
  hour: (command: Command, format: OutputFormat, found: Askers) =>
    printRows(command, format, HOURS, found.hours),
};

export function askersCommand(): Command {
  return new Command('askers')
    .description('print who asked: answers, posts and withheld answers')
    .addOption(
      new Option('--by <grouping>', 'what each row shows').choices(Object.keys(LISTINGS)).default('class'),
    )
    .option('--from <time>', 'start of the range (default: 24 hours before its end)', readTimestampOption)
    .option('--to <time>', 'end of the range (default: now)', readTimestampOption)
    .addOption(formatOption())
    .action(async ({ by, format, ...range }: Options, command: Command) => {
      const query = new URLSearchParams({ ...range });
      const answer = await withAdminApi((api) => api.ask('GET', `/v1/askers?${query}`));
      LISTINGS[by](command, format, AskersSchema.parse(answer));
    });
}
