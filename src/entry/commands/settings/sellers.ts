/** `postmeter sellers`, `bank-accounts`, `series`, `tax-rules` and `clauses`: the settings of those who claim. */

import { Command } from 'commander';
import { z } from 'zod';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { formatOption, type OutputFormat, printRows } from '../print-rows.ts';
import { fieldsFrom } from './given-fields.ts';

const FIELDS_HELP = `
A field is name=text, or name:=json for everything but text, as in termsDays:=14 and kinds:='["invoice"]'.
/v1/openapi.json and docs/sellers.md describe the fields.`;

/** A record as the API returns it. */
const recordSchema = z.record(z.string(), z.unknown());

interface Part {
  readonly name: string;
  readonly about: string;
  /** In the API. */
  readonly path: (seller: string) => string;
  /** Shown in the table; JSON has every field. */
  readonly columns: readonly string[];
  /** Actions on one record that take a reason, by the name of the command. */
  readonly actions?: readonly string[];
}

const ofSeller = (part: string) => (seller: string) => `/v1/sellers/${encodeURIComponent(seller)}/${part}`;

export function sellersCommand(): Command {
  const command = new Command('sellers')
    .description('the legal entities that claim')
    .addHelpText('after', FIELDS_HELP)
    .addCommand(listOf('sellers', '/v1/sellers', ['id', 'legalName', 'country', 'vatId', 'archivedAt']))
    .addCommand(
      new Command('show')
        .description('show a seller as JSON')
        .argument('<seller>', 'id of the seller')
        .action((id: string, _options, self: Command) => sendAndPrint(self, 'GET', sellerPath(id))),
    );
  for (const [name, about, method, path] of [
    ['add', 'add a seller', 'POST', () => '/v1/sellers'],
    ['set', 'change fields of a seller', 'PATCH', sellerPath],
  ] as const) {
    command.addCommand(
      new Command(name)
        .description(about)
        .argument('<seller>', 'id of the seller')
        .argument('[fields...]', 'fields, such as legalName="Platform GmbH" country=DE')
        .action((id: string, args: string[], _options, self: Command) => {
          const body = { ...(name === 'add' ? { id } : {}), ...fieldsFrom(args) };
          return sendAndPrint(self, method, path(id), body);
        }),
    );
  }
  return command;
}

export function bankAccountsCommand(): Command {
  return partCommand({
    ...{ name: 'bank-accounts', about: 'where documents of a seller ask to pay' },
    path: ofSeller('bank-accounts'),
    columns: ['id', 'currency', 'holder', 'iban', 'accountNumber', 'isDefault', 'archivedAt'],
    actions: ['make-default', 'archive'],
  });
}

export function seriesCommand(): Command {
  return partCommand({
    ...{ name: 'series', about: 'number series of a seller' },
    path: ofSeller('series'),
    columns: ['series', 'kinds', 'prefix', 'width', 'isYearly', 'isUsed', 'archivedAt'],
    actions: ['archive'],
  });
}

export function taxRulesCommand(): Command {
  return partCommand({
    ...{ name: 'tax-rules', about: 'tax rules of a seller; the narrowest and latest applies' },
    path: ofSeller('tax-rules'),
    columns: ['appliesTo', 'buyerScope', 'category', 'rateBp', 'exemptionCode', 'validFrom'],
  });
}

export function clausesCommand(): Command {
  return partCommand({
    ...{ name: 'clauses', about: 'versions of the terms that claims rest on' },
    path: () => '/v1/clauses',
    columns: ['id', 'family', 'currency', 'price', 'threshold', 'validFrom', 'isShipped'],
  });
}

/** Lists, adds to and acts on what belongs to a seller. */
function partCommand({ name, about, path, columns, actions = [] }: Part): Command {
  const isOfSeller = path('x') !== path('y');
  const command = new Command(name).description(about).addHelpText('after', FIELDS_HELP);
  const withSeller = (one: Command) =>
    isOfSeller ? one.option('--seller <id>', 'id of the seller', DEFAULT_SELLER) : one;
  command.addCommand(withSeller(listOf(name, path, columns)));
  command.addCommand(
    withSeller(new Command('add'))
      .description('add one; with a second person, an action that needs two is proposed')
      .argument('[fields...]', 'fields')
      .action((args: string[], { seller = '' }: { seller?: string }, self: Command) =>
        sendAndPrint(self, 'POST', path(seller), fieldsFrom(args)),
      ),
  );
  for (const action of actions) {
    command.addCommand(
      withSeller(new Command(action))
        .description(`${action.replace('-', ' ')}, with a reason for the audit log`)
        .argument('<id>', 'as the list shows it')
        .requiredOption('--reason <text>', 'reason, for the audit log')
        .action((id: string, { seller = '', reason }: { seller?: string; reason: string }, self: Command) =>
          sendAndPrint(self, 'POST', `${path(seller)}/${encodeURIComponent(id)}/${action}`, { reason }),
        ),
    );
  }
  return command;
}

function listOf(name: string, path: string | Part['path'], columns: readonly string[]): Command {
  return new Command('list')
    .description('list them, archived ones included')
    .addOption(formatOption())
    .action(async (options: { format: OutputFormat; seller?: string }, command: Command) => {
      const target = typeof path === 'string' ? path : path(options.seller ?? '');
      const rows = await withAdminApi((api) => toArray(allOf(api, target)));
      const listing = {
        ...{ key: name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), empty: 'None.' },
        columns: columns.map((column) => ({ name: column, cell: (row: Row) => textOf(row[column]) })),
      };
      printRows(command, options.format, listing, rows);
    });
}

type Row = z.output<typeof recordSchema>;
type Api = Parameters<Parameters<typeof withAdminApi>[0]>[0];

/** Lists that are short have one page and take no limit. */
async function* allOf(api: Api, path: string): AsyncGenerator<Row> {
  if (!/\/(series|tax-rules)$/.test(path)) {
    yield* allFromApi(api, path, {}, recordSchema);
    return;
  }
  yield* z.object({ items: z.array(recordSchema) }).parse(await api.ask('GET', path)).items;
}

async function sendAndPrint(
  command: Command,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<void> {
  const answer = await withAdminApi((api) => api.ask(method, path, body));
  command.configureOutput().writeOut?.(`${JSON.stringify(answer, null, 2)}\n`);
}

function sellerPath(id: string): string {
  return `/v1/sellers/${encodeURIComponent(id)}`;
}

function textOf(value: unknown): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
}
