/** `postmeter approve`, `postmeter issue` and `postmeter reject`: the actions of finance on a draft. */

import { Command } from 'commander';
import { InvoiceSchema } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type OutputFormat } from '../print-rows.ts';
import { printInvoices } from './invoices.ts';

export function approveCommand(): Command {
  return invoiceCommand('approve', 'approve a draft; a second approval changes nothing');
}

export function issueCommand(): Command {
  return invoiceCommand('issue', 'issue an approved invoice: it gets its number and can no longer change');
}

export function rejectCommand(): Command {
  const description = 'reject a draft; billing does not create the same draft again';
  return invoiceCommand('reject', description).requiredOption(
    '--reason <text>',
    'reason, for the audit log and the invoice',
  );
}

interface Options {
  readonly format: OutputFormat;
  readonly reason?: string;
}

function invoiceCommand(action: string, description: string): Command {
  return new Command(action)
    .description(description)
    .argument('<invoice>', 'id of the invoice, as shown by postmeter invoices')
    .addOption(formatOption())
    .action(async (id: string, { format, reason }: Options, command: Command) => {
      const path = `/v1/invoices/${encodeURIComponent(id)}/${action}`;
      const body = reason === undefined ? undefined : { reason };
      const invoice = await withAdminApi((api) => api.ask('POST', path, body));
      printInvoices(command, format, [InvoiceSchema.parse(invoice)]);
    });
}
