/** The options of `postmeter reconcile`, and the log parser that they select. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { commonLogParser } from '../../../reconcile/common-log.ts';
import { jsonFields, jsonLogParser } from '../../../reconcile/json-log.ts';
import { LOG_FIELDS, type LogField } from '../../../reconcile/log-line.ts';
import type { LogForm } from './log.ts';
import { readSince } from './range.ts';

/** The slack applies to both ends of an hour, so it must be well below half an hour. */
const MAX_SLACK_SECONDS = 900;
/** More columns than any real log has. */
const MAX_COLUMN = 1_000;

export interface ReconcileOptions extends Readonly<Record<`${LogField}Field`, string>> {
  readonly logFormat: 'common' | 'json';
  readonly postsColumn: number | 'last';
  readonly clientColumn: number | 'none';
  readonly addressColumn: number | 'none';
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

export function addReconcileOptions(command: Command, nowMs: () => number): Command {
  command
    .option(
      '--since <when>',
      'a time, or how long ago (24h); default: the start of the log',
      readSince(nowMs),
    )
    .option('--until <when>', 'a time, or how long ago; default: the end of the log', readSince(nowMs))
    .option('--slack-seconds <n>', 'tolerated difference of clocks and response ends', readSlack, 60)
    .option('--tolerance-posts <n>', "posts by which a client's hour may differ", readCount, 0)
    .option('--tolerance-percent <n>', 'the same in percent; the larger tolerance applies', readPercent, 0)
    .option('--requests', 'request counts must match too (default: mismatches are only reported)')
    .option('--all', 'also show the hours that match')
    .addOption(
      new Option('--format <format>', 'output format').choices(['table', 'csv', 'json']).default('table'),
    )
    .option('--config <file>', 'configuration (default: $POSTMETER_CONFIG or ./postmeter.config.json)');
  return addLogOptions(command);
}

function addLogOptions(command: Command): Command {
  command
    .addOption(
      new Option('--log-format <format>', 'format of the log').choices(['common', 'json']).default('common'),
    )
    .option('--posts-column <n>', 'common: column of the posts, from 1, or last', orWord('last'), 'last')
    .option('--client-column <n>', 'common: column of the client id, or none', orWord('none'), 3)
    .option('--address-column <n>', 'common: column of the address, or none', orWord('none'), 1);
  for (const field of LOG_FIELDS) {
    const what = `json: field of the ${field}; dots separate nested fields`;
    command.option(`--${field}-field <name>`, what, field);
  }
  return command;
}

/** Returns the log format that the options select. */
export function logFormOf(options: ReconcileOptions): LogForm {
  const { logFormat, postsColumn, clientColumn, addressColumn } = options;
  if (logFormat === 'common') {
    const posts = postsColumn === 'last' ? 'in the last column' : `in column ${postsColumn}`;
    return {
      parse: commonLogParser({ posts: postsColumn, client: clientColumn, address: addressColumn }),
      expected:
        `host ident user [time] "request" status bytes ... posts; posts ${posts}, ` +
        `client in column ${clientColumn}, address in column ${addressColumn}`,
      options: 'the columns with --posts-column, --client-column and --address-column',
    };
  }
  const fields = jsonFields((field) => options[`${field}Field`]);
  return {
    parse: jsonLogParser(fields),
    expected: `a JSON object with the fields ${Object.values(fields).join(', ')}`,
    options: 'the fields with --time-field, --posts-field and so on',
  };
}

function orWord<Word extends string>(word: Word): (text: string) => number | Word {
  return (text) => {
    if (text === word) return word;
    const column = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (column >= 1 && column <= MAX_COLUMN) return column;
    throw new InvalidArgumentError(`Use a column from 1 to ${MAX_COLUMN}, or ${word}.`);
  };
}

function readSlack(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAX_SLACK_SECONDS) return Number(text);
  throw new InvalidArgumentError(`Use whole seconds from 0 to ${MAX_SLACK_SECONDS}.`);
}

function readCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 0 on.');
}

function readPercent(text: string): number {
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError('Use a number from 0 to 100, such as 0.1.');
}
