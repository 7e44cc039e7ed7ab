/** `postmeter tariff`: lists, adds and withdraws the versions of a tariff. */

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { z } from 'zod';
import { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import { figure } from '../../../report/csv.ts';
import { UsageError } from '../../usage-error.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import {
  formatOption,
  type Listing,
  type OutputFormat,
  type PrintedColumn,
  printRows,
} from '../print-rows.ts';

type Version = z.output<typeof VersionSchema>;

/** Returns a term of the version; null if its kind of tariff does not have that term. */
function term(version: Version, name: string): string | number | null {
  const value: unknown = (version.terms as Readonly<Record<string, unknown>> | null)?.[name];
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function termColumn(name: string): PrintedColumn<Version> {
  return { name, cell: (version) => term(version, name) };
}

function price(version: Version) {
  const text = term(version, 'price');
  return text === null ? null : figure(String(text));
}

const LISTING: Listing<Version> = {
  key: 'versions',
  empty: 'The client has no tariff of its own: the default tariff applies.',
  columns: [
    { name: 'id', cell: ({ id }) => id },
    { name: 'version', cell: ({ version }) => version },
    { name: 'validFrom', cell: ({ validFrom }) => validFrom },
    { name: 'kind', cell: (version) => term(version, 'kind') ?? 'default' },
    { name: 'threshold', cell: (version) => term(version, 'threshold') ?? term(version, 'included') },
    { name: 'price', cell: price },
    ...['block', 'currency', 'basis', 'onThreshold'].map(termColumn),
    ...['rounding', 'windowSeconds'].map((name) => ({ ...termColumn(name), isWide: true })),
    { name: 'retired', cell: ({ retirement }) => retirement?.at ?? null },
    { name: 'reason', cell: ({ reason }) => reason },
    { name: 'createdBy', cell: ({ createdBy }) => createdBy, isWide: true },
  ],
};

export function tariffCommand(): Command {
  return new Command('tariff')
    .description('show or change the tariff of a client, or the default tariff')
    .addCommand(showCommand())
    .addCommand(setCommand())
    .addCommand(withdrawCommand());
}

function showCommand(): Command {
  return new Command('show')
    .description('list the versions, newest first')
    .argument('[client]', 'id of the client (default: the default tariff)')
    .addOption(formatOption())
    .action(async (client: string | undefined, { format }: { format: OutputFormat }, command: Command) => {
      const versions = await withAdminApi((api) =>
        toArray(allFromApi(api, pathOf(client), {}, VersionSchema)),
      );
      printRows(command, format, LISTING, versions);
    });
}

interface SetOptions {
  readonly terms: string;
  readonly reason: string;
  readonly from?: string;
  readonly correction?: true;
  readonly supersedes?: string;
  readonly format: OutputFormat;
}

function setCommand(): Command {
  return new Command('set')
    .description('add a version of the tariff')
    .argument('[client]', 'id of the client (default: the default tariff)')
    .requiredOption('--terms <file>', 'tariff as JSON; null makes the client follow the default tariff')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .option('--from <time>', 'when the version takes effect (default: now)', readTimestampOption)
    .option('--correction', 'allow a time in the past; billing since then is recomputed')
    .option('--supersedes <version>', 'id of the version to replace from the same time on')
    .addOption(formatOption())
    .action(async (client: string | undefined, options: SetOptions, command: Command) => {
      const body = {
        terms: await readTerms(options.terms),
        reason: options.reason,
        ...(options.from === undefined ? {} : { validFrom: options.from }),
        ...(options.supersedes === undefined ? {} : { supersedes: options.supersedes }),
        correction: options.correction === true,
      };
      const added = await withAdminApi((api) => api.ask('POST', pathOf(client), body));
      printRows(command, options.format, LISTING, [VersionSchema.parse(added)]);
    });
}

function withdrawCommand(): Command {
  return new Command('withdraw')
    .description('withdraw a version before it takes effect')
    .argument('<version>', 'id of the version, as printed by postmeter tariff show')
    .argument('[client]', 'id of the client (default: the default tariff)')
    .requiredOption('--reason <text>', 'reason, for the audit log')
    .addOption(formatOption())
    .action(
      async (
        version: string,
        client: string | undefined,
        { format, reason }: { format: OutputFormat; reason: string },
        command: Command,
      ) => {
        const path = `${pathOf(client)}/${encodeURIComponent(version)}?${new URLSearchParams({ reason })}`;
        const withdrawn = await withAdminApi((api) => api.ask('DELETE', path));
        printRows(command, format, LISTING, [VersionSchema.parse(withdrawn)]);
      },
    );
}

function pathOf(client: string | undefined): string {
  return client === undefined ? '/v1/tariffs' : `/v1/clients/${encodeURIComponent(client)}/tariffs`;
}

/** Reads the terms of a tariff. Throws `UsageError` if the file is not JSON. */
export async function readTerms(file: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${file}: cannot be read as JSON (${reason}); name a file that contains one JSON object`,
      {
        cause,
      },
    );
  }
}
