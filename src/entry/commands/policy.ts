/** `postmeter policy`: allows, refuses or slows down a client, independent of its tariff. */

import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { type ClientPolicy, MAX_RATE_PER_SECOND, MIN_RATE_PER_SECOND } from '../../admit/policy.ts';
import type { PolicyView } from '../../report/policy-view.ts';
import { UsageError } from '../usage-error.ts';
import { allFromApi, toArray } from './api/all-pages.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { parseTimestamp } from './options/timestamp.ts';

const MORE_HELP = `
allow   neither the client's tariff nor the pace refuses it; posts delivered under a tariff that refuses are not billed
refuse  every request is refused with 403, or with 429 (--status 429)
slow    requests beyond --rate per second get 429; a rate below 1 allows one request in several seconds

<client> is the id of a client, or the address of an unknown caller: addr:203.0.113.7, addr:2001:db8::/56. A policy
applies in every gateway within a second, at the edge within 30 seconds.`;

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
    .description('allow, refuse or slow down a client')
    .addHelpText('after', MORE_HELP)
    .addCommand(setCommand())
    .addCommand(showCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function setCommand(): Command {
  return new Command('set')
    .description('set the policy of a client')
    .argument('<client>', 'id of the client')
    .argument('<action>', 'allow, refuse or slow')
    .requiredOption('--reason <text>', 'reason, for the audit log; the client does not see it')
    .addOption(new Option('--status <status>', 'with refuse: 403 (default) or 429').choices(['403', '429']))
    .option('--rate <requests>', 'with slow: requests per second', readRate)
    .option('--until <time>', 'when it expires, in ISO 8601 with a time zone', readMoment)
    .action(async (client: string, action: string, options: SetOptions, command: Command) => {
      const policy = policyFrom(action, options);
      if (policy.untilMs !== null && policy.untilMs <= Date.now()) {
        throw new UsageError('--until is in the past; use a later time, or omit it');
      }
      const set = await withAdminApi((api) => api.ask('PUT', pathOf(client), bodyOf(policy)));
      const view = viewSchema.parse(set);
      print(command, tableOf([view]));
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('show the policy of a client')
    .argument('<client>', 'id of the client')
    .action(async (client: string, _options, command: Command) => {
      const view = viewSchema.parse(await withAdminApi((api) => api.ask('GET', pathOf(client))));
      print(command, tableOf([view]));
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('list the policies of all clients, including expired ones')
    .action(async (_options, command: Command) => {
      const views = await withAdminApi((api) =>
        toArray(allFromApi(api, '/v1/client-policies', {}, viewSchema)),
      );
      print(command, views.length === 0 ? 'No client has a policy.' : tableOf(views));
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .description('remove the policy of a client; only its tariff applies from then on')
    .argument('<client>', 'id of the client')
    .action(async (client: string, _options, command: Command) => {
      await withAdminApi((api) => api.ask('DELETE', pathOf(client)));
      print(command, `The policy of ${client} is removed.`);
    });
}

function policyFrom(action: string, { reason, status, rate, until }: SetOptions): ClientPolicy {
  const common = { reason: readReason(reason), untilMs: until ?? null };
  if (status !== undefined && action !== 'refuse')
    throw new UsageError('--status can only be used with refuse');
  if (rate !== undefined && action !== 'slow') throw new UsageError('--rate can only be used with slow');
  if (action === 'allow') return { action, ...common };
  if (action === 'refuse') return { action, status: status === '429' ? 429 : 403, ...common };
  if (action !== 'slow') throw new UsageError(`${action} is not an action; use allow, refuse or slow`);
  if (rate === undefined) throw new UsageError('slow needs --rate, the requests per second');
  return { action, ratePerSecond: rate, ...common };
}

function bodyOf({ untilMs, ...policy }: ClientPolicy) {
  return { ...policy, ...(untilMs !== null && { until: new Date(untilMs).toISOString() }) };
}

function readRate(text: string): number {
  const rate = Number(text);
  const isValid =
    rate < 1 ? rate >= MIN_RATE_PER_SECOND : Number.isInteger(rate) && rate <= MAX_RATE_PER_SECOND;
  if (isValid) return rate;
  throw new InvalidArgumentError(
    `Use a whole number up to ${MAX_RATE_PER_SECOND}, or a number from ${MIN_RATE_PER_SECOND} to 1.`,
  );
}

function readMoment(text: string): number {
  const moment = parseTimestamp(text);
  if (moment.ok) return moment.atMs;
  throw new InvalidArgumentError(`It ${moment.reason}: ${moment.hint}.`);
}

const MAX_REASON_LENGTH = 500;

function readReason(text: string): string {
  const reason = text.trim();
  const isLine = reason.length > 0 && reason.length <= MAX_REASON_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(reason);
  if (isLine) return reason;
  throw new UsageError(
    `--reason is not a line of text; use 1 to ${MAX_REASON_LENGTH} characters on one line`,
  );
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
