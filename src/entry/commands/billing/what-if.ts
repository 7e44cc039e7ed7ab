/** `postmeter what-if`: tries other terms on the usage of a time range, and prints what they would have come to. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { z } from 'zod';
import { WhatIfClientSchema, WhatIfSchema } from '../../../admin/routes/what-ifs/what-if-schemas.ts';
import { counted } from '../../../report/counted.ts';
import { figure } from '../../../report/csv.ts';
import type { AdminApi } from '../api/admin-api.ts';
import { allFromApi, toArray } from '../api/all-pages.ts';
import { withAdminApi } from '../api/with-admin-api.ts';
import { readTimestampOption } from '../options/timestamp-option.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from '../print-rows.ts';
import { readTerms } from './tariff.ts';

type WhatIf = z.output<typeof WhatIfSchema>;
type Result = NonNullable<WhatIf['result']>;
type Client = z.output<typeof WhatIfClientSchema>;
type Amounts = Client['now']['amounts'];

const POLL_MS = 500;

const CLIENTS: Listing<Client> = {
  key: 'clients',
  empty: 'No client comes near the limit.',
  columns: [
    { name: 'client', cell: ({ clientId }) => clientId },
    { name: 'posts', cell: ({ posts }) => posts },
    { name: 'peakPosts', cell: ({ peakPosts }) => peakPosts },
    { name: 'breachesNow', cell: ({ now }) => now.breaches + now.months },
    { name: 'breachesTried', cell: ({ tried }) => tried.breaches + tried.months },
    { name: 'billedPostsNow', cell: ({ now }) => now.billedPosts, isWide: true },
    { name: 'billedPostsTried', cell: ({ tried }) => tried.billedPosts, isWide: true },
    { name: 'amountNow', cell: ({ now }) => amountsText(now.amounts) },
    { name: 'amountTried', cell: ({ tried }) => amountsText(tried.amounts) },
    { name: 'difference', cell: ({ differences }) => amountsText(differences) },
  ],
};

const READINGS: Listing<Result['readings'][number]> = {
  key: 'readings',
  empty: '',
  columns: [
    { name: 'basis', cell: ({ basis }) => basis },
    { name: 'rounding', cell: ({ rounding }) => rounding },
    { name: 'asked', cell: ({ isAsked }) => (isAsked ? 'yes' : null) },
    { name: 'billedPosts', cell: ({ billedPosts }) => billedPosts },
    { name: 'amount', cell: ({ amount }) => figure(amount) },
  ],
};

const CURVE: Listing<Result['curve'][number]> = {
  key: 'curve',
  empty: '',
  columns: [
    { name: 'limit', cell: ({ limit }) => limit },
    { name: 'clients', cell: ({ clients }) => clients },
    { name: 'billedPosts', cell: ({ billedPosts }) => billedPosts },
    { name: 'amount', cell: ({ amount }) => figure(amount) },
  ],
};

interface Options {
  readonly terms: string;
  readonly client?: readonly string[];
  readonly all?: true;
  readonly callers?: true;
  readonly from?: string;
  readonly to?: string;
  readonly format: OutputFormat;
}

export function whatIfCommand(): Command {
  return new Command('what-if')
    .description('try other terms on the usage of a time range; changes no breach and no invoice')
    .requiredOption('--terms <file>', 'tariff as JSON')
    .option('--client <id...>', 'ids of the clients (default: those that follow the default tariff)')
    .option('--all', 'include clients with a tariff of their own')
    .option('--callers', 'include unknown callers, whose ids are their addresses')
    .option('--from <time>', 'start of the range (default: 30 days before its end)', readTimestampOption)
    .option('--to <time>', 'end of the range (default: now)', readTimestampOption)
    .addOption(formatOption())
    .action(async (options: Options, command: Command) => {
      const terms = await readTerms(options.terms);
      const body = {
        terms,
        scope: {
          clients: options.client ?? (options.all ? 'all' : 'default'),
          callers: options.callers === true,
        },
        ...(options.from === undefined ? {} : { from: options.from }),
        ...(options.to === undefined ? {} : { to: options.to }),
      };
      await withAdminApi(async (api) => {
        const whatIf = await finished(api, WhatIfSchema.parse(await api.ask('POST', '/v1/what-ifs', body)));
        const path = `/v1/what-ifs/${whatIf.id}/clients`;
        print(command, options.format, whatIf, await toArray(allFromApi(api, path, {}, WhatIfClientSchema)));
      });
    });
}

async function finished(api: AdminApi, started: WhatIf): Promise<WhatIf> {
  let whatIf = started;
  while (whatIf.state === 'waiting' || whatIf.state === 'running') {
    await sleep(POLL_MS);
    whatIf = WhatIfSchema.parse(await api.ask('GET', `/v1/what-ifs/${started.id}`));
  }
  if (whatIf.state === 'done') return whatIf;
  throw new Error(whatIf.failure ?? `The what-if ${whatIf.id} was cancelled.`);
}

function print(command: Command, format: OutputFormat, whatIf: WhatIf, clients: readonly Client[]): void {
  const write = (text: string) => command.configureOutput().writeOut?.(`${text}\n`);
  if (format === 'json') {
    write(JSON.stringify({ whatIf, clients }, null, 2));
    return;
  }
  const { result } = whatIf;
  if (format === 'table' && result !== null) {
    const { now, tried, differences } = result;
    write(
      [
        `${whatIf.from} to ${whatIf.to}: ${counted(result.clients, 'client')} with usage, ${result.unconcerned} of them far below every limit.`,
        `Now:   ${sentence(now)}`,
        `Tried: ${sentence(tried)}`,
        `Difference: ${amountsText(differences) ?? 'none'}`,
      ].join('\n'),
    );
    if (result.readings.length > 0) printRows(command, format, READINGS, result.readings);
    if (result.curve.length > 0) printRows(command, format, CURVE, result.curve);
  }
  printRows(command, format, CLIENTS, clients);
}

function sentence({ clients, breaches, months, billedPosts, amounts }: Result['now']): string {
  const over = `${counted(clients, 'client')}, ${counted(breaches, 'breach', 'breaches')}, ${counted(months, 'month')} beyond a licence`;
  return `${over}, ${counted(billedPosts, 'billed post')}, ${amountsText(amounts) ?? 'nothing owed'}`;
}

function amountsText(amounts: Amounts): string | null {
  return amounts.length === 0
    ? null
    : amounts.map(({ currency, amount }) => `${currency} ${amount}`).join(', ');
}
