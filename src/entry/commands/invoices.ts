/** `postmeter invoices`: what finance asks most, as a table, CSV or JSON. */

import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { InvoiceSchema } from '../../admin/routes/invoice-schemas.ts';
import { csvLines } from '../../report/csv.ts';
import { INVOICE_COLUMNS, type InvoiceView, invoiceCells } from '../../report/invoice-view.ts';
import { allFromApi, collected } from './all-pages.ts';
import { type Format, formatOption } from './print-rows.ts';
import { withAdminApi } from './with-admin-api.ts';

interface Options {
  readonly format: Format;
  readonly client?: string;
  readonly status?: InvoiceView['status'];
}

export function invoicesCommand(): Command {
  return new Command('invoices')
    .description('list invoices, newest first')
    .addOption(formatOption())
    .option('--client <id>', 'only those of one client')
    .addOption(
      new Option('--status <status>', 'only those that stand so').choices([
        'draft',
        'approved',
        'rejected',
        'issued',
        'void',
      ]),
    )
    .action(async ({ format, ...filter }: Options, command: Command) => {
      printInvoices(command, format, await readInvoices({ ...filter }));
    });
}

function readInvoices(filter: Readonly<Record<string, string>>): Promise<InvoiceView[]> {
  return withAdminApi((api) => collected(allFromApi(api, '/v1/invoices', filter, InvoiceSchema)));
}

/** Prints invoices in the chosen format. */
export function printInvoices(command: Command, format: Format, invoices: readonly InvoiceView[]): void {
  command.configureOutput().writeOut?.(`${WRITERS[format](invoices)}\n`);
}

const WRITERS: Readonly<Record<Format, (invoices: readonly InvoiceView[]) => string>> = {
  table: asTable,
  csv: (invoices) => csvLines([[...INVOICE_COLUMNS], ...invoices.map(invoiceCells)]).trimEnd(),
  json: (invoices) => JSON.stringify({ invoices }, null, 2),
};

function asTable(invoices: readonly InvoiceView[]): string {
  if (invoices.length === 0) return 'There are no invoices.';
  const table = new Table({
    head: [
      'number',
      'id',
      'kind',
      'status',
      'client',
      'legal name',
      'from',
      'to',
      'posts',
      'amount',
      '',
      'issued',
    ],
    colAligns: ['right', 'left', 'left', 'left', 'left', 'left', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const invoice of invoices) {
    table.push([
      invoice.number ?? '',
      invoice.id,
      invoice.kind.replace('_', ' '),
      invoice.status,
      invoice.clientId,
      invoice.legalName ?? '',
      invoice.from ?? '',
      invoice.to ?? '',
      invoice.posts.toLocaleString('en'),
      invoice.amount,
      invoice.currency,
      invoice.issuedAt ?? '',
    ]);
  }
  return table.toString();
}
