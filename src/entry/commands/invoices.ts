/** `postmeter invoices`: what finance asks most, as a table, CSV or JSON. */

import Table from 'cli-table3';
import { Command, Option } from 'commander';
import type { InvoiceFilter } from '../../admin/port.ts';
import { InvoiceSchema } from '../../admin/routes/invoice-schemas.ts';
import { csvLines } from '../../report/csv.ts';
import { INVOICE_COLUMNS, type InvoiceView, invoiceCells, invoiceView } from '../../report/invoice-view.ts';
import { allFromApi, allOf, collected } from './all-pages.ts';
import { byLedgerOrApi } from './ledger-or-api.ts';

interface Options {
  readonly format: 'table' | 'csv' | 'json';
  readonly client?: string;
  readonly status?: InvoiceView['status'];
}

export function invoicesCommand(): Command {
  return new Command('invoices')
    .description('list invoices, newest first')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['table', 'csv', 'json']).default('table'),
    )
    .option('--client <id>', 'only those of one client')
    .addOption(
      new Option('--status <status>', 'only those that stand so').choices([
        'draft',
        'approved',
        'issued',
        'void',
      ]),
    )
    .action(async ({ format, client, status }: Options, command: Command) => {
      const invoices = await readInvoices({ clientId: client, status });
      command.configureOutput().writeOut?.(`${WRITERS[format](invoices)}\n`);
    });
}

function readInvoices(filter: InvoiceFilter): Promise<InvoiceView[]> {
  return byLedgerOrApi<InvoiceView[]>({
    ledger: async (store) => {
      const found = await collected(allOf((page) => store.invoices(filter, page)));
      return found.map(invoiceView);
    },
    api: (api) => {
      const query = {
        ...(filter.clientId === undefined ? {} : { client: filter.clientId }),
        ...(filter.status === undefined ? {} : { status: filter.status }),
      };
      return collected(allFromApi(api, '/v1/invoices', query, InvoiceSchema));
    },
  });
}

const WRITERS: Readonly<Record<Options['format'], (invoices: readonly InvoiceView[]) => string>> = {
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
