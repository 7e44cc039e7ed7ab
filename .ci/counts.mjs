/** Prints "N passed, N failed" from vitest's JSON report; a file that could not be loaded is one failure. */

import { readFileSync } from 'node:fs';

const print = (line) => process.stdout.write(`${line}\n`);
const text = readFileSync(process.argv[2], 'utf8');
if (text === '') print('The tests did not run: the reason is above.');
const report = text === '' ? undefined : JSON.parse(text);
const files = report?.testResults ?? [];
const failedIn = (file) => file.assertionResults.filter((test) => test.status === 'failed').length;
const brokenFiles = files.filter((file) => file.status === 'failed' && failedIn(file) === 0).length;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
if (skipped > 0) print(`${skipped} skipped`);
print(`${report?.numPassedTests ?? 0} passed, ${(report?.numFailedTests ?? 0) + brokenFiles} failed`);
