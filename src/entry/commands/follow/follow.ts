/** `postmeter follow`: follows a platform's stream of changes, and writes settings to the registry of rights. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { NewSetting } from '../../../rights/setting.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { followBluesky } from './bluesky.ts';

interface FollowOptions {
  readonly jetstream: URL;
  readonly source: string;
  readonly cursor?: string;
}

export function followCommand(): Command {
  return new Command('follow')
    .description("follow a platform's stream, and write settings to the registry of rights")
    .addCommand(blueskyCommand());
}

function blueskyCommand(): Command {
  return new Command('bluesky')
    .description(
      'write what accounts declare about reuse, and whether they are active, until a signal stops it',
    )
    .requiredOption(
      '--jetstream <url>',
      'wss:// URL of a Jetstream server, with its path /subscribe',
      readUrl,
    )
    .option('--source <name>', 'source of the settings', 'bluesky')
    .option('--cursor <file>', 'file that keeps the position (default: bluesky.cursor in DATA_DIR)')
    .action(async ({ jetstream, source, cursor }: FollowOptions, command: Command) => {
      const folder = process.env.DATA_DIR || './data';
      if (cursor === undefined) mkdirSync(folder, { recursive: true });
      const stop = new AbortController();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
      await followBluesky({
        url: jetstream,
        cursorFile: cursor ?? join(folder, 'bluesky.cursor'),
        write: (settings) => write(source, settings),
        say: (line) => command.configureOutput().writeErr?.(`${line}\n`),
        signal: stop.signal,
      });
    });
}

async function write(source: string, settings: readonly NewSetting[]): Promise<void> {
  const rows = settings.map(({ subject, state, value, effectiveAtMs }) => ({
    ...subject,
    ...{ state, value, effectiveAt: new Date(effectiveAtMs!).toISOString() },
  }));
  const body = { source, reason: 'stated by the account', settings: rows };
  await withAdminApi((api) => api.ask('POST', '/v1/rights/settings', body));
}

function readUrl(text: string): URL {
  if (URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('Use a URL such as wss://jetstream2.us-east.bsky.network/subscribe.');
}
