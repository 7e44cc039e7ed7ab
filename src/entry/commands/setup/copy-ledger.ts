/** `postmeter copy-ledger`: moves from the embedded ledger to PostgreSQL. */

import { Command } from 'commander';
import { migratePostgres } from '../../../adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../adapters/postgres/connection/open.ts';
import { copyLedger } from '../../../adapters/postgres/copy/copy-ledger.ts';
import { openLedger } from '../../stores/ledger.ts';
import { UsageError } from '../../usage-error.ts';

export function copyLedgerCommand(): Command {
  return new Command('copy-ledger')
    .summary('copy the embedded ledger into PostgreSQL')
    .description(
      'Copies the embedded ledger of DATA_DIR into the empty database of DATABASE_URL. The gateway must be stopped.\n' +
        'Start it again with the same DATA_DIR, whose journals continue, and with DATABASE_URL.',
    )
    .action(async (_options, command: Command) => {
      const { DATABASE_URL, DATA_DIR, POSTMETER_SECRET } = process.env;
      if (!DATABASE_URL) throw new UsageError('DATABASE_URL is not set: it names the database to copy into');
      const say = (line: string) => command.configureOutput().writeOut?.(`${line}\n`);
      const source = await openLedger({ DATA_DIR, POSTMETER_SECRET }, { mustExist: true });
      try {
        await migratePostgres(DATABASE_URL);
        const target = await openPostgres(DATABASE_URL, { maxConnections: 1, statementTimeoutMs: 0 });
        try {
          const tables = await copyLedger(source.db, target.db, ({ table, rows }) => {
            if (rows > 0) say(`${table}: ${rows.toLocaleString('en')}`);
          });
          const rows = tables.reduce((sum, one) => sum + one.rows, 0);
          say(`Copied ${rows.toLocaleString('en')} rows. \`postmeter verify\` checks the copy.`);
        } finally {
          await target.close();
        }
      } finally {
        await source.close();
      }
    });
}
