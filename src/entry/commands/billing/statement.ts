/** `postmeter statement`: prints the statement of account of a client. */

import { Command } from 'commander';
import type { z } from 'zod';
import { StatementSchema } from '../../../admin/routes/payments/statement.ts';
import { figure } from '../../../report/csv.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

interface Line extends Partial<z.output<typeof StatementSchema>['rows'][number]> {
  readonly on: string;
  readonly balance: string;
  readonly movement: string;
}

const LISTING: Listing<Line> = {
  key: 'rows',
  empty: 'The account has no movements.',
  columns: [
    { name: 'date', cell: ({ on }) => on },
    { name: 'movement', cell: ({ movement }) => movement },
    { name: 'number', cell: ({ number }) => number ?? null },
    { name: 'text', cell: ({ text }) => text ?? null },
    { name: 'due', cell: ({ dueOn }) => dueOn ?? null },
    { name: 'amount', cell: ({ amount }) => (amount === undefined ? null : figure(amount)) },
    { name: 'balance', cell: ({ balance }) => figure(balance) },
  ],
};

export function statementCommand(): Command {
  return new Command('statement')
    .description('print the statement of account of a client, with a running balance')
    .argument('<client>', 'id of the client')
    .option('--from <date>', 'first UTC date (default: the first movement)')
    .option('--to <date>', 'last UTC date (default: today)')
    .option('--currency <code>', "currency (default: that of the client's account)")
    .addOption(formatOption())
    .action(
      async (id: string, options: Record<string, string> & { format: OutputFormat }, command: Command) => {
        const { format, ...query } = options;
        const path = `/v1/clients/${encodeURIComponent(id)}/statement?${new URLSearchParams(query)}`;
        const statement = StatementSchema.parse(await withAdminApi((api) => api.ask('GET', path)));
        const { from, to, opening, closing, rows } = statement;
        printRows(command, format, LISTING, [
          { on: from, movement: 'opening', balance: opening },
          ...rows.map((row) => ({ ...row, movement: row.kind })),
          { on: to, movement: 'closing', balance: closing },
        ]);
      },
    );
}
