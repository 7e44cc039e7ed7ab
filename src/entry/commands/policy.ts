/** `postmeter policy`: lets a client through, turns it away or slows it down, apart from its tariff. */

import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { type ClientPolicy, MAX_RATE_PER_SECOND, MIN_RATE_PER_SECOND } from '../../admit/policy.ts';
import type { PolicyView } from '../../report/policy-view.ts';
import { UsageError } from '../usage-error.ts';
import { allFromApi, collected } from './all-pages.ts';
import { parseMoment } from './moment.ts';
import { withAdminApi } from './with-admin-api.ts';

const MORE_HELP = `
allow   neither the client's tariff nor the pace refuses it; what it takes under a tariff that refuses is not billed
refuse  every request is refused with 403, or with 429 (--status 429)
slow    requests beyond --rate in a second get 429; a rate below 1 is one request in several seconds

A client is named by its id, an unknown caller by its address: addr:203.0.113.7, addr:2001:db8::/56. A policy holds in
every gateway within a second, at the edge within 30 seconds.`;

const viewSchema = z.object({
  clientId: z.string(),
  action: z.enum(['allow', 'refuse', 'slow']),
  status: z.union([z.literal(403), z.literal(429)]).nullable(),
  ratePerSecond: z.number().nullable(),
  reason: z.string(),
  until: z.string().nullable(),
  setAt: z.string(),
  setBy: z.string(),
}) satisfies z.ZodType<PolicyView>;

interface SetOptions {
  readonly reason: string;
  readonly status?: '403' | '429';
  readonly rate?: number;
  readonly until?: number;
}

export function policyCommand(): Command {
  return new Command('policy')
    .description('let a client through, turn it away or slow it down')
    .addHelpText('after', MORE_HELP)
    .addCommand(setCommand())
    .addCommand(showCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function setCommand(): Command {
  return new Command('set')
    .description('set the policy of a client')
    .argument('<client>', 'its id')
    .argument('<action>', 'allow, refuse or slow')
    .requiredOption('--reason <text>', 'why, for the audit log; the client does not see it')
    .addOption(new Option('--status <status>', 'with refuse: 403 (default) or 429').choices(['403', '429']))
    .option('--rate <requests>', 'with slow: requests per second', readRate)
    .option('--until <moment>', 'when it ends by itself, in ISO 8601 with its zone', readMoment)
    .action(async (client: string, action: string, options: SetOptions, command: Command) => {
      const policy = policyFrom(action, options);
      if (policy.untilMs !== null && policy.untilMs <= Date.now()) {
        throw new UsageError('--until lies in the past; write a later moment, or leave it out');
      }
      const set = await withAdminApi((api) => api.ask('PUT', pathOf(client), bodyOf(policy)));
      const view = viewSchema.parse(set);
      print(command, tableOf([view]));
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('show the policy of a client')
    .argument('<client>', 'its id')
    .action(async (client: string, _options, command: Command) => {
      const view = viewSchema.parse(await withAdminApi((api) => api.ask('GET', pathOf(client))));
      print(command, tableOf([view]));
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list the policies of all clients, expired ones too')
    .action(async (_options, command: Command) => {
      const views = await withAdminApi((api) =>
        collected(allFromApi(api, '/v1/client-policies', {}, viewSchema)),
      );
      print(command, views.length === 0 ? 'No client has a policy.' : tableOf(views));
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .description('remove the policy of a client; only its tariff holds from then on')
    .argument('<client>', 'its id')
    .action(async (client: string, _options, command: Command) => {
      await withAdminApi((api) => api.ask('DELETE', pathOf(client)));
      print(command, `The policy of ${client} is removed.`);
    });
}

function policyFrom(action: string, { reason, status, rate, until }: SetOptions): ClientPolicy {
  const common = { reason: readReason(reason), untilMs: until ?? null };
  if (status !== undefined && action !== 'refuse') throw new UsageError('--status goes with refuse alone');
  if (rate !== undefined && action !== 'slow') throw new UsageError('--rate goes with slow alone');
  if (action === 'allow') return { action, ...common };
  if (action === 'refuse') return { action, status: status === '429' ? 429 : 403, ...common };
  if (action !== 'slow') throw new UsageError(`${action} is not an action; write allow, refuse or slow`);
  if (rate === undefined) throw new UsageError('slow needs --rate, the requests per second');
  return { action, ratePerSecond: rate, ...common };
}

function bodyOf({ untilMs, ...policy }: ClientPolicy) {
  return { ...policy, ...(untilMs !== null && { until: new Date(untilMs).toISOString() }) };
}

function readRate(text: string): number {
  const rate = Number(text);
  const isKept =
    rate < 1 ? rate >= MIN_RATE_PER_SECOND : Number.isInteger(rate) && rate <= MAX_RATE_PER_SECOND;
  if (isKept) return rate;
  throw new InvalidArgumentError(
    `Write a whole number up to ${MAX_RATE_PER_SECOND}, or one from ${MIN_RATE_PER_SECOND} to 1.`,
  );
}

function readMoment(text: string): number {
  const moment = parseMoment(text);
  if (moment.ok) return moment.atMs;
  throw new InvalidArgumentError(`It ${moment.reason}: ${moment.mend}.`);
}

const MAX_REASON_LENGTH = 500;

function readReason(text: string): string {
  const reason = text.trim();
  const isLine = reason.length > 0 && reason.length <= MAX_REASON_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(reason);
  if (isLine) return reason;
  throw new UsageError(`--reason is not a line of text; write 1 to ${MAX_REASON_LENGTH} characters`);
}

function pathOf(client: string): string {
  return `/v1/clients/${encodeURIComponent(client)}/policy`;
}

function tableOf(views: readonly PolicyView[]): string {
  const table = new Table({
    head: ['client', 'action', 'until', 'set', 'by', 'reason'],
    style: { head: [], border: [] },
  });
  for (const view of views) {
    const { clientId, until, setAt, setBy, reason } = view;
    table.push([clientId, actionText(view), until ?? 'removed', setAt, setBy, reason]);
  }
  return table.toString();
}

function actionText({ action, status, ratePerSecond }: PolicyView): string {
  if (status !== null) return `${action} with ${status}`;
  return ratePerSecond === null ? action : `${action} to ${ratePerSecond}/s`;
}

function print(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`);
}
