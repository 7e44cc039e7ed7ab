#!/usr/bin/env -S node --max-semi-space-size=8
/** The `postmeter` command. It runs the program and reports a failure by message and exit code. */

import { CommanderError } from 'commander';
import { secretsIn, withoutSecrets } from '../report/redaction.ts';
import { failureText } from './failure-text.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

const WRONG_USE = 2;
const FAILED = 1;

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  // Exit explicitly: handles that are still open after a failure must not keep the process alive.
  process.exit(report(error));
}

function report(error: unknown): number {
  // Commander has already printed its message. Help and version exit with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE;
  const shown = withoutSecrets(failureText(error), secretsIn(process.env));
  process.stderr.write(`${shown.replace(/^/gm, 'postmeter: ')}\n`);
  return error instanceof UsageError ? WRONG_USE : FAILED;
}
