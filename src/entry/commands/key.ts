/** `postmeter key`: the key that signs evidence. */

import { Command } from 'commander';
import { createKey } from '../../adapters/node/signing.ts';
import { UsageError } from '../usage-error.ts';

export function keyCommand(): Command {
  return new Command('key').description('the key that signs evidence').addCommand(
    new Command('create')
      .description('make an Ed25519 key: FILE for who signs (mode 0600), FILE.pub for everybody')
      .requiredOption('--out <file>', 'where to write it; never over a file that is there')
      .action(async ({ out }: { out: string }, command: Command) => {
        const made = await createKey(out).catch((cause: Error) => {
          throw new UsageError(
            `${out}: cannot be written (${cause.message}); name a file that is not there yet`,
            {
              cause,
            },
          );
        });
        const lines = [`${out}: private, keep it`, `${made.publicFile}: public, hand it out`];
        command
          .configureOutput()
          .writeOut?.(`${lines.join('\n')}\nthumbprint ${made.thumbprint}\n${made.publicKey}`);
      }),
  );
}
