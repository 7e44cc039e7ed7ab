/** `postmeter doctor`: judges whether a gateway would start and work here, before it does. */

import { Command } from 'commander';
import { doctorFindings, hasFault } from '../../../doctor/findings.ts';
import { gatherFacts } from '../../doctor/facts.ts';
import { readEnvironment } from '../../environment.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';

type Row = ReturnType<typeof doctorFindings>[number];

const FINDINGS: Listing<Row> = {
  key: 'findings',
  columns: [
    { name: 'check', cell: ({ subject }) => subject },
    { name: 'result', cell: ({ severity }) => severity },
    { name: 'found', cell: ({ text }) => text },
    { name: 'fix', cell: ({ hint }) => hint },
  ],
  empty: 'Nothing was checked.',
};

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('check the environment, stores, platform and machine of a gateway')
    .description(
      'Checks what `postmeter serve` would find here: environment and configuration, ledger, windows, clock,\n' +
        'platform, data folder and limits. It changes nothing. Exit code 1 if a gateway would not start or could\n' +
        'lose usage.',
    )
    .addOption(formatOption())
    .action(async ({ format }: { format: OutputFormat }, command: Command) => {
      const findings = doctorFindings(await gatherFacts(readEnvironment(process.env)));
      printRows(command, format, FINDINGS, findings);
      if (hasFault(findings)) process.exitCode = 1;
    });
}
