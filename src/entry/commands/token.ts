/** `postmeter token`: tokens for the admin API. A token is printed once, when it is made; the ledger keeps its hash. */

import { userInfo } from 'node:os';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { hashToken, newToken } from '../../adapters/node/secret-box.ts';
import { ROLES, type Role, type TokenRecord } from '../../admin/port.ts';
import { isoMoment, isoMomentOrNull } from '../../report/moment.ts';
import { UsageError } from '../usage-error.ts';
import { allFromApi, allOf, collected } from './all-pages.ts';
import { byLedgerOrApi } from './ledger-or-api.ts';

const NAME_LENGTH = 100;

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});
const madeSchema = z.object({ token: z.string() });
type TokenRow = z.output<typeof tokenSchema>;

export function tokenCommand(): Command {
  return new Command('token')
    .description('make, list and revoke tokens for the admin API')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('make a token and print it; it is never shown again')
    .requiredOption('--name <name>', 'whose it is, for the list and the audit log', readName)
    .addOption(
      new Option('--role <role>', `what it may do, once or several times: ${ROLES.join(', ')}`)
        .argParser(addRole)
        .makeOptionMandatory(),
    )
    .action(async ({ name, role: roles }: { name: string; role: Role[] }, command: Command) => {
      const token = await byLedgerOrApi({
        async ledger(store) {
          const made = newToken();
          await store.createToken({ id: uuidv7(), name, roles, hash: hashToken(made) }, who());
          return made;
        },
        api: async (api) => madeSchema.parse(await api.ask('POST', '/v1/tokens', { name, roles })).token,
      });
      print(command, token);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list tokens, revoked ones too')
    .action(async (_options, command) => {
      const rows = await byLedgerOrApi<TokenRow[]>({
        ledger: async (store) => (await collected(allOf(store.tokens))).map(rowOf),
        api: (api) => collected(allFromApi(api, '/v1/tokens', {}, tokenSchema)),
      });
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
    .argument('<id>', 'its id, as `postmeter token list` shows it')
    .action(async (id: string, _options, command: Command) => {
      await byLedgerOrApi({
        async ledger(store) {
          const revoked = await store.revokeToken(id, who());
          if (revoked === null) throw new UsageError(`there is no token ${id}; see postmeter token list`);
        },
        async api(api) {
          await api.ask('DELETE', `/v1/tokens/${encodeURIComponent(id)}`);
        },
      });
      print(command, `Token ${id} is revoked.`);
    });
}

function rowOf({ id, name, roles, createdAtMs, revokedAtMs }: TokenRecord): TokenRow {
  return {
    id,
    name,
    roles: [...roles],
    createdAt: isoMoment(createdAtMs),
    revokedAt: isoMomentOrNull(revokedAtMs),
  };
}

function who() {
  return { actor: `command line (${userInfo().username})`, atMs: Date.now() };
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
