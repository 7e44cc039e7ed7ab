/** `postmeter clients`: lists the clients that operators created, or all clients. */

import { Command } from 'commander';
import type { z } from 'zod';
import { ClientSchema } from '../../admin/routes/clients/client-schemas.ts';
import { allFromApi, toArray } from './api/all-pages.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from './print-rows.ts';

const LISTING: Listing<z.output<typeof ClientSchema>> = {
  key: 'clients',
  empty: 'There are no clients.',
  columns: [
    { name: 'client', cell: ({ id }) => id },
    { name: 'name', cell: ({ name }) => name },
    { name: 'source', cell: ({ source }) => source },
    { name: 'class', cell: ({ askerClass }) => askerClass },
    { name: 'legalName', cell: ({ billing }) => billing.legalName },
    { name: 'currency', cell: ({ billing }) => billing.currency },
    { name: 'email', cell: ({ billing }) => billing.email, isWide: true },
    { name: 'createdAt', cell: ({ createdAt }) => createdAt },
  ],
};

export function clientsCommand(): Command {
  return new Command('clients')
    .description('list clients, ordered by id')
    .option('--all', 'include unknown callers, whose ids are their addresses')
    .addOption(formatOption())
    .action(async ({ all, format }: { all?: true; format: OutputFormat }, command: Command) => {
      const clients = await withAdminApi((api) => toArray(allFromApi(api, '/v1/clients', {}, ClientSchema)));
      const shown = all === true ? clients : clients.filter(({ source }) => source === 'operator');
      printRows(command, format, LISTING, shown);
    });
}
