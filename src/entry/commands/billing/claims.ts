/** `postmeter invoices credit`, `write-off`, `dispute` and `remind`: the actions of finance on an issued invoice. */

import { Command, Option } from 'commander';
import { CREDIT_GROUNDS } from '../../../invoice/manual.ts';
import { DISPUTE_GROUNDS } from '../../../receivable/model.ts';
import { withAdminApi } from '../api/with-admin-api.ts';

export function creditCommand(): Command {
  return claimCommand('credit', 'issue a manual credit note for a line, or propose it')
    .requiredOption('--line <number>', 'line of the invoice, counted from 1', Number)
    .requiredOption('--amount <amount>', 'net amount')
    .addOption(new Option('--ground <ground>', 'ground').choices(CREDIT_GROUNDS).makeOptionMandatory())
    .requiredOption('--reason <text>', 'reason, printed on the credit note')
    .action((id: string, { line, amount, ground, reason }) =>
      act(id, 'credit-note', { lines: [{ line, amount }], ground, reason }),
    );
}

export function writeOffCommand(): Command {
  return claimCommand('write-off', 'write off what is still owed, or propose it')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .action((id: string, { reason }) => act(id, 'write-off', { reason }));
}

export function disputeCommand(): Command {
  return claimCommand('dispute', 'record that the client disputes an invoice')
    .addOption(new Option('--ground <ground>', 'ground').choices(DISPUTE_GROUNDS).makeOptionMandatory())
    .requiredOption('--text <text>', 'what the client says')
    .option('--disputed <amount>', 'disputed amount; all of it by default')
    .action((id: string, { ground, text, disputed }) => act(id, 'disputes', { ground, text, disputed }));
}

export function remindCommand(): Command {
  return claimCommand('remind', 'remind of an overdue invoice at its next level now').action((id: string) =>
    act(id, 'remind', undefined),
  );
}

function claimCommand(name: string, description: string): Command {
  return new Command(name).description(description).argument('<invoice>', 'id of the issued invoice');
}

/** Prints the answer of the API as JSON: the record, or the proposal that waits for a second person. */
async function act(id: string, action: string, body: unknown): Promise<void> {
  const path = `/v1/invoices/${encodeURIComponent(id)}/${action}`;
  const answer = await withAdminApi((api) => api.ask('POST', path, body));
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
