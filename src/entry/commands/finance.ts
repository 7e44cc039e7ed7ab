/** `postmeter approve` and `postmeter issue`: what finance does with a draft. */

import { Command } from 'commander';
import { InvoiceSchema } from '../../admin/routes/invoice-schemas.ts';
import { printInvoices } from './invoices.ts';
import { type Format, formatOption } from './print-rows.ts';
import { withAdminApi } from './with-admin-api.ts';

export function approveCommand(): Command {
  return invoiceAction('approve', 'approve a draft; a second approval changes nothing');
}

export function issueCommand(): Command {
  return invoiceAction('issue', 'issue an approved invoice: it gets its number and never changes again');
}

function invoiceAction(action: 'approve' | 'issue', description: string): Command {
  return new Command(action)
    .description(description)
    .argument('<invoice>', 'id of the invoice, as postmeter invoices --format json shows it')
    .addOption(formatOption())
    .action(async (id: string, { format }: { format: Format }, command: Command) => {
      const path = `/v1/invoices/${encodeURIComponent(id)}/${action}`;
      const invoice = InvoiceSchema.parse(await withAdminApi((api) => api.ask('POST', path)));
      printInvoices(command, format, [invoice]);
    });
}
