/** `postmeter reconcile`: the ledger against the upstream's own access log, client by client and hour by hour. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { commonLogParser } from '../../reconcile/common-log.ts';
import { compare, type Row } from '../../reconcile/compare.ts';
import { Hours } from '../../reconcile/hours.ts';
import { DEFAULT_JSON_FIELDS, jsonLogParser } from '../../reconcile/json-log.ts';
import type { ParseLine } from '../../reconcile/log-line.ts';
import { Summary } from '../../reconcile/summary.ts';
import { whoseLine } from '../../reconcile/whose-line.ts';
import { readConfigFile } from '../config-file.ts';
import { UsageError } from '../usage-error.ts';
import { byLedgerOrApi } from './ledger-or-api.ts';
import { apiSource, type LedgerSource, ledgerSource } from './reconcile-ledger.ts';
import { readLog, spanOf } from './reconcile-log.ts';
import { asCsv, asJson, asTable, asText, type Findings } from './reconcile-print.ts';
import { rangeOf, readSince } from './reconcile-range.ts';

const MORE_HELP = `
A line in the common form is: host ident user [time] "request" status bytes ... posts. In nginx:

  log_format postmeter '"$http_x_forwarded_for" - $http_postmeter_client [$time_local] "$request" $status '
                       '$body_bytes_sent $sent_http_x_post_count';

A line's client is the one that it names (upstream.clientHeader of the configuration tells it to the upstream), else
that of the address, which knows nothing of API keys. Lines of 2xx count, and those without a status.

Exit code: 0 no difference, 1 differences, 2 the log or the ledger cannot be read.

  postmeter reconcile /var/log/nginx/access.log.1 /var/log/nginx/access.log --since 24h`;

/** Two slacks must fit into an hour with room to spare. */
const MOST_SLACK_SECONDS = 900;
const DIFFERENT = 1;
/** Wide enough for every log there is, and for nothing else. */
const MOST_COLUMN = 1_000;

interface Options {
  readonly logFormat: 'common' | 'json';
  readonly postsColumn: number | 'last';
  readonly clientColumn: number | 'none';
  readonly addressColumn: number | 'none';
  readonly timeField: string;
  readonly clientField: string;
  readonly addressField: string;
  readonly postsField: string;
  readonly statusField: string;
  readonly bytesField: string;
  readonly methodField: string;
  readonly since?: number;
  readonly until?: number;
  readonly slackSeconds: number;
  readonly tolerancePosts: number;
  readonly tolerancePercent: number;
  readonly requests?: true;
  readonly all?: true;
  readonly format: 'table' | 'csv' | 'json';
  readonly config?: string;
}

export function reconcileCommand(nowMs: () => number = Date.now): Command {
  const command = new Command('reconcile')
    .description("compare the ledger with the upstream's access log, by client and hour (UTC)")
    .argument('<log...>', 'access logs, plain or gzip; - for standard input')
    .option(
      '--since <when>',
      'a moment, or how long ago (24h); default: where the log begins',
      readSince(nowMs),
    )
    .option('--until <when>', 'a moment, or how long ago; default: where the log ends', readSince(nowMs))
    .option('--slack-seconds <n>', 'how far the clocks and the ends may lie apart', readSlack, 60)
    .option('--tolerance-posts <n>', "posts by which a client's hour may differ", readCount, 0)
    .option('--tolerance-percent <n>', 'the same in percent of it; the greater holds', readPercent, 0)
    .option('--requests', 'requests must agree too (default: it is only told where they do not)')
    .option('--all', 'show the hours that agree too')
    .addOption(
      new Option('--format <format>', 'how to print it').choices(['table', 'csv', 'json']).default('table'),
    )
    .option('--config <file>', 'configuration (default: $POSTMETER_CONFIG or ./postmeter.config.json)')
    .addHelpText('after', MORE_HELP)
    .action(reconcile);
  return addLogOptions(command);
}

function addLogOptions(command: Command): Command {
  command
    .addOption(
      new Option('--log-format <form>', 'form of the log').choices(['common', 'json']).default('common'),
    )
    .option('--posts-column <n>', 'common: column of the posts, from 1, or last', orWord('last'), 'last')
    .option('--client-column <n>', "common: column of the client's id, or none", orWord('none'), 3)
    .option('--address-column <n>', 'common: column of the address, or none', orWord('none'), 1);
  for (const [field, name] of Object.entries(DEFAULT_JSON_FIELDS)) {
    command.option(`--${field}-field <name>`, `json: field of the ${field}, dots lead into objects`, name);
  }
  return command;
}

async function reconcile(files: readonly string[], options: Options, command: Command): Promise<void> {
  const { trustedProxies } = readConfigFile(options.config ?? process.env.POSTMETER_CONFIG).config;
  const findings = await byLedgerOrApi({
    ledger: (store) => findingsOf(files, options, trustedProxies, ledgerSource(store)),
    api: (api) => findingsOf(files, options, trustedProxies, apiSource(api)),
  }).catch(asUnreadable);

  const output = command.configureOutput();
  const print = { table: asTable, csv: asCsv, json: asJson }[options.format];
  output.writeOut?.(`${print(findings)}\n`);
  if (options.format === 'csv') output.writeErr?.(`${asText(findings)}\n`);
  if (findings.summary.differs(options.requests === true)) process.exitCode = DIFFERENT;
}

/** For cron, 1 is a difference: nothing else may end so. */
function asUnreadable(cause: unknown): never {
  if (cause instanceof UsageError) throw cause;
  throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
}

async function findingsOf(
  files: readonly string[],
  options: Options,
  trustedProxies: readonly string[],
  source: LedgerSource,
): Promise<Findings> {
  const parse = parserOf(options);
  const asked = {
    sinceMs: options.since,
    untilMs: options.until,
    slackMs: options.slackSeconds * 1000,
  };
  const isWhole = asked.sinceMs !== undefined && asked.untilMs !== undefined;
  if (!isWhole && files.includes('-')) {
    throw new UsageError('standard input can be read once only: name --since and --until');
  }
  const range = rangeOf(asked, isWhole ? null : await spanOf(files, parse));
  const hours = new Hours(range);
  const log = await readLog(files, parse, whoseLine(await source.ranges(), trustedProxies), hours);
  const { sums, faulty } = log;
  if (sums.lines + sums.outside === 0 && faulty.count > 0) {
    const first = faulty.first.map(({ file, line, reason }) => `${file}, line ${line}: ${reason}`);
    throw new UsageError(
      [`none of ${faulty.count} lines can be read; see --log-format`, ...first].join('\n'),
    );
  }

  const summary = new Summary();
  const rows: Row[] = [];
  const tolerance = { posts: options.tolerancePosts, percent: options.tolerancePercent };
  for await (const row of compare(source.hours(range.fromMs, range.toMs), sums, hours, tolerance)) {
    summary.add(row);
    if (row.state !== 'equal' || options.all === true) rows.push(row);
  }
  return { range, log, rows, summary };
}

function parserOf(options: Options): ParseLine {
  const { logFormat, postsColumn, clientColumn, addressColumn } = options;
  if (logFormat === 'common') {
    return commonLogParser({ posts: postsColumn, client: clientColumn, address: addressColumn });
  }
  return jsonLogParser({
    time: options.timeField,
    client: options.clientField,
    address: options.addressField,
    posts: options.postsField,
    status: options.statusField,
    bytes: options.bytesField,
    method: options.methodField,
  });
}

function orWord<Word extends string>(word: Word): (text: string) => number | Word {
  return (text) => {
    if (text === word) return word;
    const column = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (column >= 1 && column <= MOST_COLUMN) return column;
    throw new InvalidArgumentError(`Write a column from 1 to ${MOST_COLUMN}, or ${word}.`);
  };
}

function readSlack(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MOST_SLACK_SECONDS) return Number(text);
  throw new InvalidArgumentError(`Write whole seconds from 0 to ${MOST_SLACK_SECONDS}.`);
}

function readCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 0.');
}

function readPercent(text: string): number {
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError('Write a number from 0 to 100, such as 0.1.');
}
