/** `postmeter approve`, `postmeter issue` and `postmeter reject`: the actions of finance on a draft. */

import { Command } from 'commander';
import { InvoiceSchema } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type OutputFormat } from '../print-rows.ts';
import { printInvoices } from './invoices.ts';

export function approveCommand(): Command {
  return invoiceAction('approve', 'approve a draft; a second approval changes nothing');
}

export function issueCommand(): Command {
  return invoiceAction('issue', 'issue an approved invoice: it gets its number and can no longer change');
}

export function rejectCommand(): Command {
  return invoiceCommand('reject', 'reject a draft; billing does not create the same draft again')
    .requiredOption('--reason <text>', 'reason, for the audit log and the invoice')
    .action((id: string, { format, reason }: { format: OutputFormat; reason: string }, command: Command) =>
      act(command, format, id, 'reject', { reason }),
    );
}

function invoiceAction(action: 'approve' | 'issue', description: string): Command {
  return invoiceCommand(action, description).action(
    (id: string, { format }: { format: OutputFormat }, command: Command) => act(command, format, id, action),
  );
}

function invoiceCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<invoice>', 'id of the invoice, as shown by postmeter invoices')
    .addOption(formatOption());
}

async function act(
  command: Command,
  format: OutputFormat,
  id: string,
  action: string,
  body?: unknown,
): Promise<void> {
  const path = `/v1/invoices/${encodeURIComponent(id)}/${action}`;
  const invoice = InvoiceSchema.parse(await withAdminApi((api) => api.ask('POST', path, body)));
  printInvoices(command, format, [invoice]);
}
