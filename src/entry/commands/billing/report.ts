/** `postmeter report`: prints a financial report. */

import { Argument, Command } from 'commander';
import { ReportSchema } from '../../../admin/routes/reports/reports.ts';
import { csvCellsOf } from '../../../report/finance/report.ts';
import { REPORT_NAMES } from '../../../report/finance/reports.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type OutputFormat, printRows } from '../print-rows.ts';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly asAt?: string;
  readonly currency?: string;
  readonly seller?: string;
  readonly client?: string;
  readonly csv?: true;
  readonly format: OutputFormat;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('print a financial report')
    .addArgument(new Argument('<name>', 'report').choices(REPORT_NAMES))
    .option('--from <date>', 'first UTC date (default: the first of the month, 11 months before the last)')
    .option('--to <date>', 'last UTC date (default: today)')
    .option('--as-at <date>', 'UTC date after which nothing counts (default: today)')
    .option('--currency <code>', 'currency, such as USD')
    .option('--seller <id>', 'seller')
    .option('--client <id>', 'client')
    .option('--csv', 'the same as --format csv')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nEach report says in JSON how its figures are computed, and docs/reports.md does.',
    )
    .action(async (name: string, { format, csv, ...query }: Options, command: Command) => {
      const parameters = new URLSearchParams({ ...query });
      const answer = await withAdminApi((api) => api.ask('GET', `/v1/reports/${name}?${parameters}`));
      const report = ReportSchema.parse(answer);
      const wanted = csv === true ? 'csv' : format;
      if (wanted === 'json') {
        command.configureOutput().writeOut?.(`${JSON.stringify(report, null, 2)}\n`);
        return;
      }
      const columns = report.columns.map((column) => ({
        name: column.name,
        cell: (row: (typeof report.rows)[number]) => csvCellsOf([column], row)[0]!,
      }));
      const empty = 'Nothing to report for these dates and filters.';
      printRows(command, wanted, { key: 'rows', empty, columns }, report.rows);
    });
}
