/** `postmeter invoice-numbers`: shows the series of invoice numbers and advances it after a restore. */

import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { DEFAULT_SERIES } from '../../../seller/model.ts';
import { withAdminApi } from '../api/with-admin-api.ts';

const seriesSchema = z.object({ last: z.int(), lastRecorded: z.int().nullable() });
type Series = z.output<typeof seriesSchema>;

export function invoiceNumbersCommand(): Command {
  return new Command('invoice-numbers')
    .description('show or advance the series of invoice numbers in the ledger and the register in DATA_DIR')
    .addCommand(showCommand())
    .addCommand(advanceCommand());
}

function showCommand(): Command {
  return new Command('show')
    .description('print the last number of the ledger and the highest number recorded outside of it')
    .option(
      '--series <name>',
      'number series; that of a yearly series has the year after a slash',
      DEFAULT_SERIES,
    )
    .action(async (options: { series: string }, command: Command) => {
      const path = `/v1/invoice-numbers?series=${encodeURIComponent(options.series)}`;
      const series = seriesSchema.parse(await withAdminApi((api) => api.ask('GET', path)));
      command.configureOutput().writeOut?.(`${textOf(series)}\n`);
    });
}

function advanceCommand(): Command {
  return new Command('advance')
    .description('skip the numbers up to --last, which were assigned before the ledger was restored')
    .requiredOption(
      '--last <number>',
      'highest assigned number; the next invoice gets the number after it',
      readLast,
    )
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .option(
      '--series <name>',
      'number series; that of a yearly series has the year after a slash',
      DEFAULT_SERIES,
    )
    .action(async (body: { series: string; last: number; reason: string }, command: Command) => {
      await withAdminApi((api) => api.ask('POST', '/v1/invoice-numbers/advance', body));
      command.configureOutput().writeOut?.(`The next invoice gets number ${body.last + 1}.\n`);
    });
}

function textOf({ last, lastRecorded }: Series): string {
  const recorded = `The last number of the ledger is ${last}; the highest recorded outside of it is ${lastRecorded ?? 'unknown'}.`;
  if (lastRecorded === null || lastRecorded <= last) return recorded;
  return `${recorded}\nThe ledger was restored to an older state: see docs/backup-and-restore.md.`;
}

function readLast(text: string): number {
  const last = Number(text);
  if (/^\d{1,15}$/.test(text) && last >= 1) return last;
  throw new InvalidArgumentError('Use a whole number from 1 on.');
}
