/** `postmeter migrate`: brings the ledger's tables up to date. */

import { Command } from 'commander';
import { openLedger } from '../../stores/ledger.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .summary("bring the ledger's tables up to date")
    .description(
      "Brings the ledger's tables up to date, in the database of DATABASE_URL or, if that is unset, in DATA_DIR.\n" +
        'It can be run repeatedly, and by several machines at once. `postmeter serve` does it as well.',
    )
    .action(async () => {
      const ledger = await openLedger(process.env);
      await ledger.close();
      process.stdout.write(`${outcome(ledger.migrated)}\n`);
    });
}

function outcome(migrated: number): string {
  if (migrated === 0) return 'The tables were up to date; nothing to do.';
  return `Applied ${migrated} ${migrated === 1 ? 'migration' : 'migrations'}; the tables are up to date.`;
}
