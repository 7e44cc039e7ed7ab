/** Parses the repeatable option `--header 'name: value'`. */

import { InvalidArgumentError } from 'commander';

/** Appends a header to a flat list of names and values. */
export function readHeader(line: string, before: readonly string[]): readonly string[] {
  const form = /^([^\s:]+):\s*(.*?)\s*$/.exec(line);
  if (form === null) throw new InvalidArgumentError("Use the form 'name: value'.");
  return [...before, form[1]!, form[2]!];
}
