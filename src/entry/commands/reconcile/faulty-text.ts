/** Formats the lines of a log that cannot be read. */

import { quoteText } from '../../../reconcile/log-line.ts';
import type { ParseErrors } from '../../../reconcile/parse-errors.ts';

/** Lists the first unreadable lines with their reasons. The very first is shown with its text and the expected format. */
export function faultyText({ first }: ParseErrors, expected: string): string[] {
  return first.flatMap(({ file, line, reason, text }, at) => {
    const shown = [`  ${file}, line ${line}: ${reason}`];
    if (at > 0) return shown;
    if (text !== null) shown.push(`    the line: ${quoteText(text)}`);
    return [...shown, `    expected: ${expected}`];
  });
}
