/** `postmeter payments`: lists, records, allocates and imports payments. */

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { z } from 'zod';
import { PaymentImportSchema } from '../../../admin/routes/payments/import.ts';
import { PaymentDetailSchema, PaymentSchema } from '../../../admin/routes/payments/payment-schemas.ts';
import { figure } from '../../../report/csv.ts';
import { UsageError } from '../../usage-error.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

type PaymentRow = z.output<typeof PaymentSchema>;

const LISTING: Listing<PaymentRow> = {
  key: 'payments',
  empty: 'There are no payments.',
  columns: [
    { name: 'id', cell: ({ id }) => id },
    { name: 'received', cell: ({ receivedOn }) => receivedOn },
    { name: 'client', cell: ({ clientId }) => clientId },
    { name: 'payer', cell: ({ payer }) => payer },
    { name: 'reference', cell: ({ reference }) => reference },
    { name: 'amount', cell: ({ amount }) => figure(amount) },
    { name: 'allocated', cell: ({ allocated }) => figure(allocated) },
    { name: 'left', cell: ({ left }) => figure(left) },
    { name: 'currency', cell: ({ currency }) => currency },
    { name: 'source', cell: ({ source }) => source, isWide: true },
    { name: 'externalId', cell: ({ externalId }) => externalId, isWide: true },
    { name: 'seller', cell: ({ sellerId }) => sellerId, isWide: true },
  ],
};

type ImportRow = z.output<typeof PaymentImportSchema>['items'][number];

const IMPORTED: Listing<ImportRow> = {
  key: 'items',
  empty: 'The file has no rows.',
  columns: [
    { name: 'row', cell: ({ row }) => row },
    { name: 'received', cell: ({ receivedOn }) => receivedOn },
    { name: 'payer', cell: ({ payer }) => payer },
    { name: 'reference', cell: ({ reference }) => reference },
    { name: 'amount', cell: ({ amount }) => figure(amount) },
    { name: 'currency', cell: ({ currency }) => currency },
    { name: 'match', cell: ({ certainty }) => certainty },
    { name: 'by', cell: ({ by }) => by },
    {
      name: 'pays',
      cell: ({ allocations }) => allocations.map(({ number, amount }) => `${number}: ${amount}`).join(', '),
    },
    { name: 'outcome', cell: ({ outcome }) => outcome },
    { name: 'payment', cell: ({ paymentId }) => paymentId, isWide: true },
  ],
};

type Fields = Readonly<Record<string, string>>;

export function paymentsCommand(): Command {
  return new Command('payments')
    .description('list, record, allocate and import payments')
    .addCommand(listCommand())
    .addCommand(recordCommand())
    .addCommand(allocateCommand())
    .addCommand(importCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('list payments, the last recorded first')
    .option('--client <id>', 'filter by client')
    .option('--left', 'only payments of which something is left')
    .addOption(formatOption())
    .action(async (options: Fields & { left?: true; format: OutputFormat }, command: Command) => {
      const { format, left, ...filter } = options;
      const query = { ...filter, ...(left === true && { left: 'true' }) };
      const payments = await withAdminApi((api) =>
        toArray(allFromApi(api, '/v1/payments', query, PaymentSchema)),
      );
      printRows(command, format, LISTING, payments);
    });
}

function recordCommand(): Command {
  return new Command('record')
    .description('record a payment; the same source and external id again change nothing')
    .requiredOption('--received-on <date>', 'UTC date')
    .requiredOption('--amount <amount>', 'amount, such as 15000.02')
    .requiredOption('--currency <code>', 'currency, such as USD')
    .option('--client-id <id>', 'client (default: not known)')
    .option('--seller-id <id>', 'seller')
    .option('--payer <name>', 'payer')
    .option('--reference <text>', 'reference')
    .option('--source <name>', 'where it was recorded')
    .option('--external-id <id>', 'id within the source')
    .addOption(formatOption())
    .action(async ({ format, ...fields }: Fields & { format: OutputFormat }, command: Command) => {
      const answer = await withAdminApi((api) => api.ask('POST', '/v1/payments', fields));
      printRows(command, format, LISTING, [PaymentDetailSchema.parse(answer)]);
    });
}

function allocateCommand(): Command {
  return new Command('allocate')
    .description('allocate what is left of a payment, by default to the oldest debts of its client')
    .argument('<payment>', 'id of the payment, as shown by postmeter payments list')
    .argument('[allocations...]', 'id of an invoice and amount, such as 0195...=15000.02')
    .addOption(formatOption())
    .action(async (id: string, given: string[], { format }: { format: OutputFormat }, command: Command) => {
      const path = `/v1/payments/${encodeURIComponent(id)}`;
      const payment = await withAdminApi(async (api) => {
        const { proposal } = PaymentDetailSchema.parse(await api.ask('GET', path));
        const proposed = proposal.filter(({ amount }) => /[1-9]/.test(amount));
        const allocations =
          given.length > 0
            ? given.map(allocationOf)
            : proposed.map(({ invoiceId, amount }) => ({ invoiceId, amount }));
        if (allocations.length === 0) {
          throw new UsageError(
            'nothing is proposed: name an invoice and an amount, such as 0195...=15000.02',
          );
        }
        return PaymentDetailSchema.parse(await api.ask('POST', `${path}/allocations`, { allocations }));
      });
      printRows(command, format, LISTING, [payment]);
    });
}

function allocationOf(text: string): { invoiceId: string; amount: string } {
  const [invoiceId = '', amount, ...more] = text.split('=');
  if (amount === undefined || more.length > 0) {
    throw new UsageError(`${text} is not an id and an amount: write it as 0195...=15000.02`);
  }
  return { invoiceId, amount };
}

function importCommand(): Command {
  return new Command('import')
    .description(
      "match the rows of a bank's CSV file with open invoices; nothing is recorded without --record",
    )
    .argument('<file>', 'CSV file with a header')
    .requiredOption('--source <name>', 'name of the account; a row is recorded once within it')
    .requiredOption('--received-on <column>', 'column of the date')
    .requiredOption('--amount <column>', 'column of the amount')
    .option('--payer <column>', 'column of the payer')
    .option('--reference <column>', 'column of the reference')
    .option('--external-id <column>', 'column of the id of the transaction')
    .option('--currency <column>', 'column of the currency')
    .option('--default-currency <code>', 'currency of rows without one')
    .option('--delimiter <character>', 'delimiter of the file')
    .option('--decimal <character>', 'decimal mark of the amounts')
    .option('--date-format <format>', 'format of the dates, such as DD.MM.YYYY')
    .option('--seller-id <id>', 'seller')
    .option('--record', 'record the rows that are sure')
    .option('--confirm <rows>', 'rows to record besides, such as 3,7')
    .addOption(formatOption())
    .action(
      async (file: string, options: Fields & { record?: true; format: OutputFormat }, command: Command) => {
        const { format, record, confirm, source, sellerId, ...mapping } = options;
        const body = {
          ...{ csv: await textOf(file), source, sellerId, mapping, dryRun: record !== true },
          confirm: confirm === undefined ? [] : confirm.split(',').map(Number),
        };
        const answer = await withAdminApi((api) => api.ask('POST', '/v1/payments/import', body));
        printRows(command, format, IMPORTED, PaymentImportSchema.parse(answer).items);
      },
    );
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  });
}
