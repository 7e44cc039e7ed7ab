/** `postmeter rights`: states settings, imports files of them, and shows what holds and why. */

import { Argument, Command } from 'commander';
import { SETTING_VALUES, STATES } from '../../../rights/state.ts';
import { SUBJECT_KINDS } from '../../../rights/subject.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { sourcesCommand, subjectsCommand } from './lists.ts';
import { rightsWhatIfCommand } from './what-if.ts';

interface SetOptions {
  readonly scope: string;
  readonly source: string;
  readonly reason: string;
  readonly effectiveAt?: string;
}

export function rightsCommand(): Command {
  return new Command('rights')
    .description('state and explain which posts, authors, blogs and paths have which states')
    .addCommand(setCommand())
    .addCommand(importCommand())
    .addCommand(explainCommand())
    .addCommand(subjectsCommand())
    .addCommand(sourcesCommand())
    .addCommand(rightsWhatIfCommand());
}

function setCommand(): Command {
  return new Command('set')
    .description('state that a subject has a state, explicitly does not, or that nothing is stated any more')
    .addArgument(new Argument('<kind>', 'kind of the subject').choices(SUBJECT_KINDS))
    .argument('<name>', 'id of the post or author, host or account of the blog, or the path')
    .addArgument(new Argument('<state>', 'state').choices(STATES))
    .addArgument(new Argument('[value]', 'value').choices(SETTING_VALUES).default('on'))
    .requiredOption('--reason <text>', 'reason, for the history and the audit log')
    .option('--scope <text>', 'host or site, if names are unique only there', '')
    .option('--source <name>', 'source that states it', 'operator')
    .option('--effective-at <time>', 'when it holds (default: now)', readTimestampOption)
    .action(
      async (
        kind: string,
        name: string,
        state: string,
        value: string,
        { scope, source, reason, effectiveAt }: SetOptions,
        command: Command,
      ) => {
        const setting = {
          kind,
          scope,
          name,
          state,
          value,
          ...(effectiveAt === undefined ? {} : { effectiveAt }),
        };
        const body = { source, reason, settings: [setting] };
        const written = await withAdminApi((api) => api.ask('POST', '/v1/rights/settings', body));
        command.configureOutput().writeOut?.(`${writtenText(written)}\n`);
      },
    );
}

/** @param answer the response of a write. */
function writtenText(answer: unknown): string {
  const { stored, sequence } = answer as { readonly stored: number; readonly sequence: number };
  return stored === 0
    ? 'The source has already stated this; nothing was stored.'
    : `Stored as setting ${sequence}. It holds in every process within a second.`;
}
