#!/usr/bin/env -S node --max-semi-space-size=8
/** The `postmeter` command: its subcommands, and the exit code and message of a failure. */

import { Command, CommanderError } from 'commander';
import { secretsIn, withoutSecrets } from '../report/redaction.ts';
import { breachesCommand } from './commands/breaches.ts';
import { clientsCommand } from './commands/clients.ts';
import { configCommand } from './commands/config.ts';
import { countCommand } from './commands/count.ts';
import { demoCommand } from './commands/demo.ts';
import { evidenceCommand } from './commands/evidence.ts';
import { approveCommand, issueCommand, rejectCommand } from './commands/finance.ts';
import { invoiceNumbersCommand } from './commands/invoice-numbers.ts';
import { invoicesCommand } from './commands/invoices.ts';
import { keyCommand } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { policyCommand } from './commands/policy.ts';
import { probeCommand } from './commands/probe.ts';
import { rateCommand } from './commands/rate.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { serveCommand } from './commands/serve.ts';
import { tariffCommand } from './commands/tariff.ts';
import { tokenCommand } from './commands/token.ts';
import { topCommand } from './commands/top.ts';
import { usageCommand } from './commands/usage.ts';
import { verifyCommand } from './commands/verify.ts';
import { failureText } from './failure-text.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

const WRONG_USE = 2;
const FAILED = 1;

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
  program.addCommand(leaveThrowing(command));
}
leaveThrowing(program);

try {
  await program.parseAsync();
} catch (error) {
  // Exit explicitly: handles that are still open after a failure must not keep the process alive.
  process.exit(report(error));
}

/** Makes commander throw instead of exiting, so that `report` decides the exit code. */
function leaveThrowing(command: Command): Command {
  command.exitOverride();
  for (const below of command.commands) leaveThrowing(below);
  return command;
}

function report(error: unknown): number {
  // Commander has already printed its message. Help and version exit with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const shown = withoutSecrets(failureText(error), secretsIn(process.env));
  process.stderr.write(`${shown.replace(/^/gm, 'postmeter: ')}\n`);
  return error instanceof UsageError ? WRONG_USE : FAILED;
}
