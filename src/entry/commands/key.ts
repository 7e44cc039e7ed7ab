/** `postmeter key`: creates the key that signs evidence. */

import { Command } from 'commander';
import { createKey } from '../../adapters/crypto/signing.ts';
import { UsageError } from '../usage-error.ts';

export function keyCommand(): Command {
  return new Command('key').description('manage the key that signs evidence').addCommand(
    new Command('create')
      .description('create an Ed25519 key: FILE is the private key (mode 0600), FILE.pub the public key')
      .requiredOption('--out <file>', 'output file; an existing file is never overwritten')
      .action(async ({ out }: { out: string }, command: Command) => {
        const made = await createKey(out).catch((cause: Error) => {
          throw new UsageError(
            `${out}: cannot be written (${cause.message}); name a file that does not exist yet`,
            {
              cause,
            },
          );
        });
        const lines = [`${out}: private key, keep it secret`, `${made.publicFile}: public key, share it`];
        command
          .configureOutput()
          .writeOut?.(`${lines.join('\n')}\nthumbprint ${made.thumbprint}\n${made.publicKey}`);
      }),
  );
}
