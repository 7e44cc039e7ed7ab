/** Reads the logs of `postmeter reconcile`: once for the time that they cover, once to sum them up. */

import { logLines } from '../../../adapters/node/log-lines.ts';
import type { AttributeLine } from '../../../reconcile/attribute-line.ts';
import type { Hours } from '../../../reconcile/hours.ts';
import { type LogLine, type ParseLine, quoteText } from '../../../reconcile/log-line.ts';
import { LogSums } from '../../../reconcile/log-sums.ts';
import { ParseErrors } from '../../../reconcile/parse-errors.ts';
import { UsageError } from '../../usage-error.ts';

/** The expected format of the lines of a log. */
export interface LogForm {
  readonly parse: ParseLine;
  /** Describes a valid line. */
  readonly expected: string;
  /** Names the options that locate the values in a line. */
  readonly options: string;
}

/** From the first to the last line of the logs, epoch milliseconds. */
export interface LogSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Returns the first and the last time in the logs. Throws `UsageError` if no line can be read. */
export async function spanOf(files: readonly string[], form: LogForm): Promise<LogSpan> {
  let span: LogSpan | undefined;
  const faulty = new ParseErrors();
  await eachLine(files, form.parse, faulty, ({ atMs }) => {
    span = {
      firstMs: Math.min(span?.firstMs ?? atMs, atMs),
      lastMs: Math.max(span?.lastMs ?? atMs, atMs),
    };
    return null;
  });
  return span ?? unreadable(faulty, form);
}

export interface ReadLog {
  readonly sums: LogSums;
  readonly faulty: ParseErrors;
}

/** Sums up the logs by client and hour. Throws `UsageError` if they have lines but none of them can be read. */
export async function readLog(
  files: readonly string[],
  form: LogForm,
  whose: AttributeLine,
  hours: Hours,
): Promise<ReadLog> {
  const sums = new LogSums(hours);
  const faulty = new ParseErrors();
  await eachLine(files, form.parse, faulty, (line) => {
    const clientId = whose(line);
    if (clientId === null) return 'client: the line names neither a client nor an address';
    sums.add(clientId, line);
    return null;
  });
  if (sums.lines + sums.outside === 0 && faulty.count > 0) unreadable(faulty, form);
  return { sums, faulty };
}

/** Lists the first unreadable lines with their reasons. The very first is shown with its text and the expected format. */
export function faultyText({ first }: ParseErrors, expected: string): string[] {
  return first.flatMap(({ file, line, reason, text }, at) => {
    const shown = [`  ${file}, line ${line}: ${reason}`];
    if (at > 0) return shown;
    if (text !== null) shown.push(`    the line: ${quoteText(text)}`);
    return [...shown, `    expected: ${expected}`];
  });
}

function unreadable(faulty: ParseErrors, form: LogForm): never {
  if (faulty.count === 0) throw new UsageError('the log has no lines; name a log that contains requests');
  throw new UsageError(
    [
      `none of the log's lines can be read (${faulty.count}):`,
      ...faultyText(faulty, form.expected),
      `select the format with --log-format, and ${form.options}`,
    ].join('\n'),
  );
}

/** Calls `take` for each line. It returns what is wrong with the line, or null. */
async function eachLine(
  files: readonly string[],
  parse: ParseLine,
  faulty: ParseErrors,
  take: (line: LogLine) => string | null,
): Promise<void> {
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file;
    try {
      for await (const lines of logLines(file)) {
        for (const { number, text, ended } of lines) {
          if (text === '') continue;
          const parsed = readable(text, ended, parse);
          const reason = parsed.ok ? take(parsed.line) : parsed.reason;
          if (reason !== null) faulty.add({ file: name, line: number, reason, text });
        }
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`${name}: cannot be read (${reason}); name a readable log, plain or gzip`, {
        cause,
      });
    }
  }
}

function readable(text: string | null, ended: boolean, parse: ParseLine): ReturnType<ParseLine> {
  if (text === null) return { ok: false, reason: 'the line is too long' };
  // An incomplete line may end within a number, which would then be read as a smaller one.
  if (!ended) return { ok: false, reason: 'the line has no end: it is still being written or was truncated' };
  return parse(text);
}
