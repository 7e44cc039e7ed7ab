/** Prints each failure, then "N passed, N failed", over vitest's JSON reports. A file that does not load is one failure. */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const print = (line) => process.stdout.write(`${line}\n`);
const sums = { passed: 0, failed: 0, skipped: 0 };

/** Only the end of the output is kept in some places, so the reasons are repeated there. */
const printFailure = (file, name, message) =>
  print(`FAILED ${relative('.', file.name)}: ${name}\n${message.split('\n').slice(0, 12).join('\n')}\n`);

for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, 'utf8');
  if (text === '') {
    print('One of the suites did not run: the reason is above.');
    sums.failed += 1;
    continue;
  }
  const report = JSON.parse(text);
  for (const file of report.testResults) {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) printFailure(file, test.fullName, test.failureMessages.join('\n'));
    if (file.status === 'failed' && failed.length === 0) {
      printFailure(file, 'the file does not load', file.message);
      sums.failed += 1;
    }
  }
  sums.passed += report.numPassedTests;
  sums.failed += report.numFailedTests;
  sums.skipped += report.numPendingTests + report.numTodoTests;
}

if (sums.skipped > 0) print(`${sums.skipped} skipped`);
print(`${sums.passed} passed, ${sums.failed} failed`);
