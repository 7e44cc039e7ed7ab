/** Prints "N passed, N failed" over vitest's JSON reports; a file that could not be loaded is one failure. */

import { readFileSync } from 'node:fs';

const print = (line) => process.stdout.write(`${line}\n`);
const sums = { passed: 0, failed: 0, skipped: 0 };

for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, 'utf8');
  if (text === '') {
    print('One of the suites did not run: the reason is above.');
    sums.failed += 1;
    continue;
  }
  const report = JSON.parse(text);
  const failedIn = (file) => file.assertionResults.filter((test) => test.status === 'failed').length;
  const broken = report.testResults.filter((file) => file.status === 'failed' && failedIn(file) === 0);
  sums.passed += report.numPassedTests;
  sums.failed += report.numFailedTests + broken.length;
  sums.skipped += report.numPendingTests + report.numTodoTests;
}

if (sums.skipped > 0) print(`${sums.skipped} skipped`);
print(`${sums.passed} passed, ${sums.failed} failed`);
