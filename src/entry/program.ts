/** The `postmeter` program: its subcommands, without running any of them. */

import { Command } from 'commander';
import { breachesCommand } from './commands/billing/breaches.ts';
import { approveCommand, issueCommand, rejectCommand } from './commands/billing/finance.ts';
import { invoiceNumbersCommand } from './commands/billing/invoice-numbers.ts';
import { invoicesCommand } from './commands/billing/invoices.ts';
import { tariffCommand } from './commands/billing/tariff.ts';
import { clientsCommand } from './commands/clients.ts';
import { configCommand } from './commands/config.ts';
import { countCommand } from './commands/count.ts';
import { demoCommand } from './commands/demo.ts';
import { keyCommand } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { policyCommand } from './commands/policy.ts';
import { probeCommand } from './commands/probe.ts';
import { rateCommand } from './commands/rate.ts';
import { reconcileCommand } from './commands/reconcile/reconcile.ts';
import { serveCommand } from './commands/serve.ts';
import { tokenCommand } from './commands/token.ts';
import { topCommand } from './commands/top.ts';
import { usageCommand } from './commands/usage.ts';
import { evidenceCommand } from './commands/verify/evidence.ts';
import { verifyCommand } from './commands/verify/verify.ts';
import { VERSION } from './version.ts';

/** Returns the program. It throws a `CommanderError` instead of exiting, so that the caller decides the exit code. */
export function createProgram(): Command {
  const program = new Command('postmeter')
    .description('Counts the posts that a platform serves to each client, and creates the invoices.')
    .version(VERSION)
    .showHelpAfterError('(see --help)');
  for (const command of [
    serveCommand(),
    demoCommand(),
    migrateCommand(),
    rateCommand(),
    countCommand(),
    probeCommand(),
    topCommand(),
    clientsCommand(),
    usageCommand(),
    tariffCommand(),
    breachesCommand(),
    invoicesCommand(),
    invoiceNumbersCommand(),
    approveCommand(),
    issueCommand(),
    rejectCommand(),
    reconcileCommand(),
    verifyCommand(),
    evidenceCommand(),
    policyCommand(),
    keyCommand(),
    tokenCommand(),
    configCommand(),
  ]) {
    program.addCommand(command);
  }
  return throwing(program);
}

function throwing(command: Command): Command {
  command.exitOverride();
  for (const below of command.commands) throwing(below);
  return command;
}
