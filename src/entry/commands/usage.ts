/** `postmeter usage`: shows the usage of one client in equal steps, each with the rolling total at its end. */

import { Command, Option } from 'commander';
import type { z } from 'zod';
import { SeriesSchema } from '../../admin/routes/usage/usage.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { readTimestampOption } from './options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from './print-rows.ts';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly step: 'minute' | 'hour' | 'day';
  readonly format: OutputFormat;
}

type Point = z.output<typeof SeriesSchema>['points'][number] & { readonly client: string };

const LISTING: Listing<Point> = {
  key: 'usage',
  empty: 'The range is empty.',
  columns: [
    { name: 'client', cell: ({ client }) => client },
    { name: 'at', cell: ({ at }) => at },
    { name: 'posts', cell: ({ posts }) => posts },
    { name: 'requests', cell: ({ requests }) => requests },
    { name: 'refused', cell: ({ refused }) => refused },
    { name: 'bytes', cell: ({ bytes }) => bytes },
    { name: 'uncounted', cell: ({ uncounted }) => uncounted },
    { name: 'total', cell: ({ total }) => total },
  ],
};

export function usageCommand(): Command {
  return new Command('usage')
    .description('show the usage of a client; postmeter rate reads the CSV')
    .argument('<client>', 'id of the client')
    .option('--from <time>', 'start of the range (default: a day before its end)', readTimestampOption)
    .option('--to <time>', 'end of the range (default: now)', readTimestampOption)
    .addOption(
      new Option('--step <step>', 'length of a step').choices(['minute', 'hour', 'day']).default('hour'),
    )
    .addOption(formatOption())
    .action(async (client: string, { format, ...range }: Options, command: Command) => {
      const query = new URLSearchParams({ ...range });
      const path = `/v1/clients/${encodeURIComponent(client)}/usage?${query}`;
      const series = SeriesSchema.parse(await withAdminApi((api) => api.ask('GET', path)));
      printRows(
        command,
        format,
        LISTING,
        series.points.map((point) => ({ client, ...point })),
      );
    });
}
