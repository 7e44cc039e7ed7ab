/** The `postmeter` program: its subcommands, without running any of them. */

import { Command } from 'commander';
import { VERSION } from './version.ts';

/** Each command by its name, in the order of the help. To load all of them takes up to ten times as long as one. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  demo: async () => (await import('./commands/demo.ts')).demoCommand(),
  migrate: async () => (await import('./commands/setup/migrate.ts')).migrateCommand(),
  doctor: async () => (await import('./commands/setup/doctor.ts')).doctorCommand(),
  'copy-ledger': async () => (await import('./commands/setup/copy-ledger.ts')).copyLedgerCommand(),
  rate: async () => (await import('./commands/rate.ts')).rateCommand(),
  count: async () => (await import('./commands/count.ts')).countCommand(),
  probe: async () => (await import('./commands/probe.ts')).probeCommand(),
  top: async () => (await import('./commands/top.ts')).topCommand(),
  askers: async () => (await import('./commands/askers.ts')).askersCommand(),
  callers: async () => (await import('./commands/callers.ts')).callersCommand(),
  agents: async () => (await import('./commands/agents.ts')).agentsCommand(),
  clients: async () => (await import('./commands/clients.ts')).clientsCommand(),
  usage: async () => (await import('./commands/usage.ts')).usageCommand(),
  tariff: async () => (await import('./commands/billing/tariff.ts')).tariffCommand(),
  'what-if': async () => (await import('./commands/billing/what-if.ts')).whatIfCommand(),
  breaches: async () => (await import('./commands/billing/breaches.ts')).breachesCommand(),
  invoices: async () => (await import('./commands/billing/invoices.ts')).invoicesCommand(),
  'invoice-numbers': async () =>
    (await import('./commands/billing/invoice-numbers.ts')).invoiceNumbersCommand(),
  approve: async () => (await import('./commands/billing/finance.ts')).approveCommand(),
  issue: async () => (await import('./commands/billing/finance.ts')).issueCommand(),
  reject: async () => (await import('./commands/billing/finance.ts')).rejectCommand(),
  payments: async () => (await import('./commands/billing/payments.ts')).paymentsCommand(),
  statement: async () => (await import('./commands/billing/statement.ts')).statementCommand(),
  inbox: async () => (await import('./commands/billing/inbox.ts')).inboxCommand(),
  report: async () => (await import('./commands/billing/report.ts')).reportCommand(),
  sellers: async () => (await import('./commands/settings/sellers.ts')).sellersCommand(),
  'bank-accounts': async () => (await import('./commands/settings/sellers.ts')).bankAccountsCommand(),
  series: async () => (await import('./commands/settings/sellers.ts')).seriesCommand(),
  'tax-rules': async () => (await import('./commands/settings/sellers.ts')).taxRulesCommand(),
  clauses: async () => (await import('./commands/settings/sellers.ts')).clausesCommand(),
  reconcile: async () => (await import('./commands/reconcile/reconcile.ts')).reconcileCommand(),
  verify: async () => (await import('./commands/verify/verify.ts')).verifyCommand(),
  evidence: async () => (await import('./commands/verify/evidence.ts')).evidenceCommand(),
  follow: async () => (await import('./commands/follow/follow.ts')).followCommand(),
  rights: async () => (await import('./commands/rights/rights.ts')).rightsCommand(),
  terms: async () => (await import('./commands/terms/terms.ts')).termsCommand(),
  policy: async () => (await import('./commands/policy.ts')).policyCommand(),
  key: async () => (await import('./commands/key.ts')).keyCommand(),
  token: async () => (await import('./commands/token.ts')).tokenCommand(),
  config: async () => (await import('./commands/config.ts')).configCommand(),
};

/**
 * Returns the program. It throws a `CommanderError` instead of exiting, so that the caller decides the exit code.
 * @param name of the only command to load; every command if there is none of this name.
 */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command('postmeter')
    .description('Counts the posts that a platform serves to each client, and creates the invoices.')
    .version(VERSION)
    .showHelpAfterError('(see --help)');
  const isKnown = name !== undefined && Object.hasOwn(COMMANDS, name);
  for (const load of isKnown ? [COMMANDS[name]!] : Object.values(COMMANDS)) program.addCommand(await load());
  return throwing(program);
}

function throwing(command: Command): Command {
  command.exitOverride();
  for (const below of command.commands) throwing(below);
  return command;
}
