/** `postmeter top`: lists the clients that are closest to their thresholds. */

import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { TotalSchema } from '../../admin/routes/usage/totals.ts';
import { figure } from '../../report/csv.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from './print-rows.ts';

const MAX_LIMIT = 1000;
const answerSchema = z.object({ items: z.array(TotalSchema) });

const LISTING: Listing<z.output<typeof TotalSchema>> = {
  key: 'clients',
  empty: 'No client has usage in its window.',
  columns: [
    { name: 'client', cell: ({ clientId }) => clientId },
    { name: 'name', cell: ({ name }) => name },
    { name: 'tariff', cell: ({ kind }) => kind },
    { name: 'total', cell: ({ total }) => total },
    { name: 'threshold', cell: ({ threshold }) => threshold },
    { name: 'percent', cell: ({ share }) => (share === null ? null : figure((share * 100).toFixed(1))) },
    { name: 'pace', cell: ({ pace }) => pace },
    { name: 'overAt', cell: ({ overAt }) => overAt },
    { name: 'windowSeconds', cell: ({ windowSeconds }) => windowSeconds, isWide: true },
  ],
};

export function topCommand(): Command {
  return new Command('top')
    .description('list the clients that are closest to their thresholds')
    .option('--limit <n>', 'maximum number of clients', readLimit, 20)
    .addOption(formatOption())
    .action(async ({ limit, format }: { limit: number; format: OutputFormat }, command: Command) => {
      const answer = await withAdminApi((api) => api.ask('GET', `/v1/totals?limit=${limit}`));
      printRows(command, format, LISTING, answerSchema.parse(answer).items);
    });
}

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Use a whole number from 1 to ${MAX_LIMIT}.`);
}
