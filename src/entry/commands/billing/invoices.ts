/** `postmeter invoices`: lists invoices as a table, CSV or JSON. Its subcommands work on one invoice. */

import { Command, Option } from 'commander';
import { InvoiceSchema } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { INVOICE_COLUMNS, type InvoiceView, invoiceCells } from '../../../report/invoice-view.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';
import { creditCommand, disputeCommand, remindCommand, writeOffCommand } from './claims.ts';
import { documentsCommand, pdfCommand, sendCommand } from './documents.ts';

interface Options {
  readonly format: OutputFormat;
  readonly client?: string;
  readonly status?: InvoiceView['status'];
}

const IN_TABLE = new Set<(typeof INVOICE_COLUMNS)[number]>([
  ...(['number', 'id', 'kind', 'status', 'client', 'legalName', 'from', 'to', 'posts'] as const),
  ...(['amount', 'voidAmount', 'currency', 'issuedAt'] as const),
]);

const LISTING: Listing<InvoiceView> = {
  key: 'invoices',
  empty: 'There are no invoices.',
  columns: INVOICE_COLUMNS.map((name, at) => ({
    name,
    cell: (invoice) => invoiceCells(invoice)[at] ?? null,
    isWide: !IN_TABLE.has(name),
  })),
};

export function invoicesCommand(): Command {
  return new Command('invoices')
    .description('list invoices, newest first, or work on one')
    .enablePositionalOptions()
    .addOption(formatOption())
    .option('--client <id>', 'filter by client')
    .addCommand(pdfCommand())
    .addCommand(documentsCommand())
    .addCommand(sendCommand())
    .addCommand(creditCommand())
    .addCommand(writeOffCommand())
    .addCommand(disputeCommand())
    .addCommand(remindCommand())
    .addOption(
      new Option('--status <status>', 'filter by status').choices([
        'draft',
        'approved',
        'rejected',
        'issued',
        'void',
      ]),
    )
    .action(async ({ format, ...filter }: Options, command: Command) => {
      const invoices = await withAdminApi((api) =>
        toArray(allFromApi(api, '/v1/invoices', { ...filter }, InvoiceSchema)),
      );
      printInvoices(command, format, invoices);
    });
}

/** Prints invoices in the chosen format. */
export function printInvoices(
  command: Command,
  format: OutputFormat,
  invoices: readonly InvoiceView[],
): void {
  printRows(command, format, LISTING, invoices);
}
