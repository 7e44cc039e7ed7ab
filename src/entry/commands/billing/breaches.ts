/** `postmeter breaches`: lists the clients that exceeded their threshold, the periods and the amounts. */

import { Command, Option } from 'commander';
import type { z } from 'zod';
import { BreachSchema } from '../../../admin/routes/breaches.ts';
import { figure } from '../../../report/csv.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

interface Options {
  readonly client?: string;
  readonly state?: string;
  readonly format: OutputFormat;
}

const LISTING: Listing<z.output<typeof BreachSchema>> = {
  key: 'breaches',
  empty: 'There are no breaches.',
  columns: [
    { name: 'id', cell: ({ id }) => id, isWide: true },
    { name: 'client', cell: ({ clientId }) => clientId },
    { name: 'state', cell: ({ state }) => state },
    { name: 'from', cell: ({ from }) => from },
    { name: 'to', cell: ({ to }) => to },
    { name: 'closesAt', cell: ({ closesAt }) => closesAt },
    { name: 'posts', cell: ({ posts }) => posts },
    { name: 'billedPosts', cell: ({ billedPosts }) => billedPosts },
    { name: 'peakPosts', cell: ({ peakPosts }) => peakPosts },
    { name: 'peakAt', cell: ({ peakAt }) => peakAt, isWide: true },
    { name: 'amount', cell: ({ amount }) => figure(amount) },
    { name: 'currency', cell: ({ currency }) => currency },
  ],
};

export function breachesCommand(): Command {
  return new Command('breaches')
    .description('list breaches, newest first')
    .option('--client <id>', 'filter by client')
    .addOption(
      new Option('--state <state>', 'filter by state').choices(['open', 'settling', 'closed', 'void']),
    )
    .addOption(formatOption())
    .action(async ({ format, ...filter }: Options, command: Command) => {
      const breaches = await withAdminApi((api) =>
        toArray(allFromApi(api, '/v1/breaches', { ...filter }, BreachSchema)),
      );
      printRows(command, format, LISTING, breaches);
    });
}
