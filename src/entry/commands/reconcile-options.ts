/** The options of `postmeter reconcile`: which there are, how they are read, and the parser that they ask for. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { commonLogParser } from '../../reconcile/common-log.ts';
import { DEFAULT_JSON_FIELDS, jsonLogParser } from '../../reconcile/json-log.ts';
import type { ParseLine } from '../../reconcile/log-line.ts';
import { readSince } from './reconcile-range.ts';

/** Two slacks must fit into an hour with room to spare. */
const MOST_SLACK_SECONDS = 900;
/** Wide enough for every log there is, and for nothing else. */
const MOST_COLUMN = 1_000;

export interface ReconcileOptions {
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

export function addReconcileOptions(command: Command, nowMs: () => number): Command {
  command
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
    .option('--config <file>', 'configuration (default: $POSTMETER_CONFIG or ./postmeter.config.json)');
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

/** The form that a log's lines are expected to have. */
export interface LogForm {
  readonly parse: ParseLine;
  /** Describes a line that can be read. */
  readonly expected: string;
  /** The options that say where a line has its values. */
  readonly options: string;
}

/** Returns the form that the options name. */
export function formOf(options: ReconcileOptions): LogForm {
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
  const fields = {
    time: options.timeField,
    client: options.clientField,
    address: options.addressField,
    posts: options.postsField,
    status: options.statusField,
    bytes: options.bytesField,
    method: options.methodField,
  };
  return {
    parse: jsonLogParser(fields),
    expected: `a JSON object with the fields ${Object.values(fields).join(', ')}`,
    options: 'the fields with --time-field, --posts-field and their like',
  };
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
