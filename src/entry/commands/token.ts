/** `postmeter token`: manages tokens of the admin API. A token is printed once; the ledger stores only its hash. */

import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { ROLES, type Role } from '../../admin/port.ts';
import { allFromApi, toArray } from './api/all-pages.ts';
import { withAdminApi } from './api/with-admin-api.ts';

const NAME_LENGTH = 100;

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});
const madeSchema = z.object({ token: z.string() });

export function tokenCommand(): Command {
  return new Command('token')
    .description('create, list and revoke tokens of the admin API')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('create a token and print it; it is never shown again')
    .requiredOption('--name <name>', 'name of the holder, for the list and the audit log', readName)
    .addOption(
      new Option('--role <role>', `role of the token, may be repeated: ${ROLES.join(', ')}`)
        .argParser(addRole)
        .makeOptionMandatory(),
    )
    .action(async ({ name, role: roles }: { name: string; role: Role[] }, command: Command) => {
      const made = await withAdminApi((api) => api.ask('POST', '/v1/tokens', { name, roles }));
      print(command, madeSchema.parse(made).token);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list tokens, including revoked ones')
    .action(async (_options, command) => {
      const rows = await withAdminApi((api) => toArray(allFromApi(api, '/v1/tokens', {}, tokenSchema)));
      const table = new Table({
        head: ['id', 'name', 'roles', 'created', 'revoked'],
        style: { head: [], border: [] },
      });
      for (const row of rows)
        table.push([row.id, row.name, row.roles.join(', '), row.createdAt, row.revokedAt ?? '']);
      print(command, rows.length === 0 ? 'There are no tokens.' : table.toString());
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a token; it is refused from then on')
    .argument('<id>', 'id of the token, as shown by `postmeter token list`')
    .action(async (id: string, _options, command: Command) => {
      await withAdminApi((api) => api.ask('DELETE', `/v1/tokens/${encodeURIComponent(id)}`));
      print(command, `Token ${id} is revoked.`);
    });
}

function readName(text: string): string {
  const name = text.trim();
  if (name.length >= 1 && name.length <= NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name)) return name;
  throw new InvalidArgumentError(`Use 1 to ${NAME_LENGTH} characters on one line.`);
}

function addRole(text: string, before: Role[] | undefined): Role[] {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new InvalidArgumentError(`Use one of ${ROLES.join(', ')}.`);
  return [...new Set([...(before ?? []), role])];
}

function print(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`);
}
