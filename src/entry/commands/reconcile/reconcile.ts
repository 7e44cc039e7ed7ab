/** `postmeter reconcile`: compares the ledger with the upstream's access log by client and hour. */

import { Command } from 'commander';
import type { Config } from '../../../config/schema.ts';
import { lineAttributor } from '../../../reconcile/attribute-line.ts';
import { compare, type Row } from '../../../reconcile/compare.ts';
import { Hours } from '../../../reconcile/hours.ts';
import { Summary } from '../../../reconcile/summary.ts';
import { readConfigFile } from '../../config-file.ts';
import { UsageError } from '../../usage-error.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { type LedgerSource, ledgerSource } from './ledger.ts';
import { readLog, spanOf } from './log.ts';
import { addReconcileOptions, logFormOf, type ReconcileOptions } from './options.ts';
import { asCsv, asJson, asTable, type Findings } from './print.ts';
import { rangeOf } from './range.ts';
import { asText } from './text.ts';

const MORE_HELP = `
A line of the common format is: host ident user [time] "request" status bytes ... posts. In nginx:

  log_format postmeter '"$http_x_forwarded_for" - $http_postmeter_client [$time_local] "$request" $status '
                       '$body_bytes_sent $sent_http_x_post_count';

A line belongs to the client that it names (the upstream gets the name through upstream.clientHeader of the
configuration), otherwise to the client of its address, which does not reflect API keys. Lines with a 2xx status or
without a status count.

Exit code: 0 no difference, 1 differences, 2 the log or the ledger cannot be read, or nothing could be compared.

  postmeter reconcile /var/log/nginx/access.log.1 /var/log/nginx/access.log --since 24h`;

const DIFFERENT = 1;

export function reconcileCommand(nowMs: () => number = Date.now): Command {
  const command = new Command('reconcile')
    .description("compare the ledger with the upstream's access log, by client and hour (UTC)")
    .argument('<log...>', 'access logs, plain or gzip; - for standard input')
    .addHelpText('after', MORE_HELP)
    .action(reconcile);
  return addReconcileOptions(command, nowMs);
}

async function reconcile(
  files: readonly string[],
  options: ReconcileOptions,
  command: Command,
): Promise<void> {
  const { config } = readConfigFile(options.config ?? process.env.POSTMETER_CONFIG);
  const findings = await withAdminApi((api) => findingsOf(files, options, config, ledgerSource(api))).catch(
    asUnreadable,
  );

  const output = command.configureOutput();
  const print = { table: asTable, csv: asCsv, json: asJson }[options.format];
  output.writeOut?.(`${print(findings)}\n`);
  if (options.format === 'csv') output.writeErr?.(`${asText(findings)}\n`);
  if (findings.summary.isInconclusive) {
    throw new UsageError(
      'nothing could be compared: the range has no usage, or every line is so close to its ends that it may belong to ' +
        'another hour; choose --since and --until several hours apart, or reduce --slack-seconds',
    );
  }
  if (findings.summary.differs(options.requests === true)) process.exitCode = DIFFERENT;
}

/** Turns every failure into a UsageError (exit code 2), because exit code 1 means a difference. */
function asUnreadable(cause: unknown): never {
  if (cause instanceof UsageError) throw cause;
  throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
}

async function findingsOf(
  files: readonly string[],
  options: ReconcileOptions,
  { trustedProxies, identify }: Pick<Config, 'trustedProxies' | 'identify'>,
  source: LedgerSource,
): Promise<Findings> {
  const form = logFormOf(options);
  const asked = {
    sinceMs: options.since,
    untilMs: options.until,
    slackMs: options.slackSeconds * 1000,
  };
  const isWhole = asked.sinceMs !== undefined && asked.untilMs !== undefined;
  if (!isWhole && files.includes('-')) {
    throw new UsageError('standard input can be read only once: set --since and --until');
  }
  const range = rangeOf(asked, isWhole ? null : await spanOf(files, form));
  const hours = new Hours(range);
  const log = await readLog(
    files,
    form,
    lineAttributor(await source.ranges(), trustedProxies, identify),
    hours,
  );

  const summary = new Summary();
  const rows: Row[] = [];
  const tolerance = { posts: options.tolerancePosts, percent: options.tolerancePercent };
  for await (const row of compare(source.hours(range.fromMs, range.toMs), log.sums, hours, tolerance)) {
    summary.add(row);
    if (row.state !== 'equal' || options.all === true) rows.push(row);
  }
  return { range, log, rows, summary, expected: form.expected };
}
