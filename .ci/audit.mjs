/**
 * Asks the registry for known vulnerabilities of what is shipped; one of level high or critical ends with 1. A registry
 * that cannot be asked is no finding and no proof: it is said aloud, and CI goes on.
 */

import { spawnSync } from 'node:child_process';

const say = (line) => process.stdout.write(`audit: ${line}\n`);
const args = ['audit', '--omit=dev', '--audit-level=high', '--json'];
const { stdout } = spawnSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
const report = parsed(stdout);
const found = report?.metadata?.vulnerabilities;

if (found === undefined) {
  say('='.repeat(70));
  say('NOT DONE: the registry gave no answer about vulnerabilities.');
  say(`Its word: ${report?.message ?? report?.error?.summary ?? 'none'}`.replaceAll(/\w+:\/\/\S+/g, '(URL)'));
  say('Nothing is known of the dependencies; run "npm audit --omit=dev" where it can be asked.');
  say('='.repeat(70));
} else {
  for (const { name, severity, range } of Object.values(report.vulnerabilities))
    say(`${severity}: ${name} ${range}`);
  say(
    `${found.total} known vulnerabilities in what is shipped, ${found.high} high, ${found.critical} critical.`,
  );
  process.exitCode = found.high + found.critical > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // npm itself failed: what there is to say is said above.
  }
}
