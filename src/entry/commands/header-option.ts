/** The option `--header 'name: value'`, which may be repeated. */

import { InvalidArgumentError } from 'commander';

/** Names and values in one flat list, as they come from a connection. */
export function readHeader(line: string, before: readonly string[]): readonly string[] {
  const form = /^([^\s:]+):\s*(.*?)\s*$/.exec(line);
  if (form === null) throw new InvalidArgumentError("Write 'name: value'.");
  return [...before, form[1]!, form[2]!];
}
