/** `postmeter callers`: lists unknown callers in groups, each judged as if it were one client. */

import { Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { CallersSchema } from '../../admin/routes/callers/callers.ts';
import { GROUPINGS } from '../../callers/groups.ts';
import { figure } from '../../report/csv.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { readTimestampOption } from './options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from './print-rows.ts';

interface Options {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly min: number;
  readonly limit: number;
  readonly format: OutputFormat;
}

type Group = z.output<typeof CallersSchema>['items'][number];

const LISTING: Listing<Group> = {
  key: 'groups',
  empty: 'No unknown caller has taken posts.',
  columns: [
    { name: 'group', cell: ({ key }) => key },
    { name: 'callers', cell: ({ callers }) => callers },
    { name: 'total', cell: ({ total }) => total },
    { name: 'peak', cell: ({ peak }) => peak },
    { name: 'percent', cell: ({ share }) => (share === null ? null : figure((share * 100).toFixed(1))) },
    {
      name: 'comesTo',
      cell: ({ comesTo }) => comesTo.map(({ currency, amount }) => `${currency} ${amount}`).join(', '),
    },
    { name: 'largest', cell: ({ largest }) => largest },
    { name: 'rhythm', cell: ({ rhythm }) => rhythm },
    { name: 'networks', cell: ({ networks }) => networks, isWide: true },
    { name: 'userAgents', cell: ({ userAgentsKnown }) => userAgentsKnown, isWide: true },
    { name: 'userAgent', cell: ({ userAgents }) => userAgents[0]?.value ?? null, isWide: true },
    { name: 'route', cell: ({ routes }) => routes[0]?.value ?? null, isWide: true },
    { name: 'mayBeNamed', cell: ({ mayBeNamed }) => String(mayBeNamed), isWide: true },
  ],
};

export function callersCommand(): Command {
  return new Command('callers')
    .description('list unknown callers in groups, each judged as if it were one client')
    .addOption(
      new Option('--by <grouping>', 'what the callers of a group share')
        .choices(GROUPINGS)
        .default('network'),
    )
    .option('--from <time>', 'start of the range (default: a day before its end)', readTimestampOption)
    .option('--to <time>', 'end of the range (default: now)', readTimestampOption)
    .option('--min <posts>', 'minimum number of posts of a caller', readCount, 1)
    .option('--limit <n>', 'maximum number of groups', readCount, 20)
    .addOption(formatOption())
    .action(async ({ format, min, limit, ...rest }: Options, command: Command) => {
      const query = new URLSearchParams({ ...rest, min: String(min), limit: String(limit) });
      const answer = await withAdminApi((api) => api.ask('GET', `/v1/callers?${query}`));
      printRows(command, format, LISTING, CallersSchema.parse(answer).items);
    });
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
