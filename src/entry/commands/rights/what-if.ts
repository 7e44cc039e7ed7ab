/** `postmeter rights what-if`: prints what another matrix would have withheld in a time range. */

import { Command, Option } from 'commander';
import type { z } from 'zod';
import { RightsWhatIfSchema } from '../../../admin/routes/askers/rights-what-if.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTerms } from '../billing/tariff.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

type Forecast = z.output<typeof RightsWhatIfSchema>;
type Row = Forecast['total'] & { readonly name: string };

interface Options {
  readonly by: keyof typeof ROWS;
  readonly from?: string;
  readonly to?: string;
  readonly format: OutputFormat;
}

const ROWS = {
  class: ({ classes }: Forecast): Row[] => classes.map(({ class: name, ...sums }) => ({ name, ...sums })),
  route: ({ routes }: Forecast): Row[] => routes.map(({ route: name, ...sums }) => ({ name, ...sums })),
  client: ({ clients }: Forecast): Row[] => clients.map(({ clientId: name, ...sums }) => ({ name, ...sums })),
};

const listingOf = (by: string): Listing<Row> => ({
  key: 'rows',
  empty: 'No request in this range.',
  columns: [
    { name: by, cell: ({ name }) => name },
    { name: 'answers', cell: ({ answers }) => answers },
    { name: 'posts', cell: ({ posts }) => posts },
    { name: 'withheld', cell: ({ withheld }) => withheld },
    { name: 'wouldWithhold', cell: ({ wouldWithhold }) => wouldWithhold },
    { name: 'wouldWithholdPosts', cell: ({ wouldWithholdPosts }) => wouldWithholdPosts },
    { name: 'unread', cell: ({ unread }) => unread, isWide: true },
  ],
});

export function rightsWhatIfCommand(): Command {
  return new Command('what-if')
    .description('print what another matrix and other modes would have withheld; changes nothing')
    .argument('<file>', 'JSON with matrix, mode, classes and whenAway; {} tries the default matrix')
    .addOption(
      new Option('--by <grouping>', 'what each row shows').choices(Object.keys(ROWS)).default('class'),
    )
    .option('--from <time>', 'start of the range (default: 24 hours before its end)', readTimestampOption)
    .option('--to <time>', 'end of the range (default: now)', readTimestampOption)
    .addOption(formatOption())
    .action(async (file: string, { by, format, ...range }: Options, command: Command) => {
      const asked = { ...((await readTerms(file)) as object), ...range };
      const answer = await withAdminApi((api) => api.ask('POST', '/v1/rights/what-if', asked));
      printRows(command, format, listingOf(by), ROWS[by](RightsWhatIfSchema.parse(answer)));
    });
}
