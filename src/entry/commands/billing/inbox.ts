/** `postmeter inbox`: prints what waits for a person. */

import { Command } from 'commander';
import type { z } from 'zod';
import { InboxSchema } from '../../../admin/routes/inbox/inbox.ts';
import { figure } from '../../../report/csv.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

type Item = z.output<typeof InboxSchema>['items'][number];

const ITEMS: Listing<Item> = {
  key: 'items',
  empty: 'Nothing waits.',
  columns: [
    { name: 'kind', cell: ({ kind }) => kind },
    { name: 'what', cell: ({ title }) => title },
    { name: 'since', cell: ({ since }) => since },
    { name: 'amount', cell: ({ amount }) => (amount === null ? null : figure(amount)) },
    { name: 'currency', cell: ({ currency }) => currency },
    { name: 'why', cell: ({ why }) => why },
    { name: 'subject', cell: ({ subject }) => subject, isWide: true },
    { name: 'roles', cell: ({ roles }) => roles.join(' '), isWide: true },
  ],
};

export function inboxCommand(): Command {
  return new Command('inbox')
    .description('print what waits for a person, of all roles')
    .addOption(formatOption())
    .action(async ({ format }: { readonly format: OutputFormat }, command: Command) => {
      const answer = await withAdminApi((api) => api.ask('GET', '/v1/inbox?all=true'));
      printRows(command, format, ITEMS, InboxSchema.parse(answer).items);
    });
}
