/** `postmeter agents`: the catalogue of agents, checks of addresses that claim one, and their published lists. */

import { Command } from 'commander';
import { z } from 'zod';
import {
  AgentCheckSchema,
  AgentListSchema,
  type AgentSchema,
  AgentsSchema,
} from '../../admin/routes/agents/agent-schemas.ts';
import { withAdminApi } from './api/with-admin-api.ts';
import { formatOption, type Listing, type OutputFormat, printRows } from './print-rows.ts';

type Agent = z.output<typeof AgentSchema>;
type AgentListRow = z.output<typeof AgentListSchema>;
type Check = z.output<typeof AgentCheckSchema>;

const AGENTS: Listing<Agent> = {
  key: 'agents',
  empty: 'The catalogue is empty.',
  columns: [
    { name: 'agent', cell: ({ token }) => token },
    { name: 'operator', cell: ({ operator }) => operator },
    { name: 'class', cell: ({ class: asked }) => asked },
    { name: 'ranges', cell: ({ ranges }) => ranges.join(' '), isWide: true },
    { name: 'rdns', cell: ({ rdns }) => rdns.join(' '), isWide: true },
    { name: 'signers', cell: ({ signatureAgents }) => signatureAgents.join(' '), isWide: true },
    { name: 'checkedBy', cell: checkedBy },
  ],
};

const LISTS: Listing<AgentListRow> = {
  key: 'lists',
  empty: 'No list was fetched: each was fetched within the last hour.',
  columns: [
    { name: 'list', cell: ({ url }) => url },
    { name: 'prefixes', cell: ({ prefixes }) => prefixes },
    { name: 'fetchedAt', cell: ({ fetchedAt, isShipped }) => (isShipped ? 'shipped' : fetchedAt) },
    { name: 'failure', cell: ({ failure }) => failure },
  ],
};

export function agentsCommand(): Command {
  return new Command('agents')
    .description('show and check automated clients that have a name, such as GPTBot')
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(refreshCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('list the agents of the catalogue')
    .option('--lists', 'published lists of address ranges instead of agents')
    .addOption(formatOption())
    .action(async (options: { lists?: true; format: OutputFormat }, command: Command) => {
      const { items, lists } = AgentsSchema.parse(await withAdminApi((api) => api.ask('GET', '/v1/agents')));
      if (options.lists) printRows(command, options.format, LISTS, lists);
      else printRows(command, options.format, AGENTS, items);
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description('check whether an address belongs to the agent that it claims, step by step')
    .argument('<address>', 'IP address')
    .requiredOption('--agent <token>', 'agent of the catalogue, such as GPTBot')
    .option('--json', 'print JSON')
    .action(async (address: string, options: { agent: string; json?: true }, command: Command) => {
      const query = new URLSearchParams({ address, agent: options.agent });
      const answer = await withAdminApi((api) => api.ask('GET', `/v1/agents/check?${query}`));
      const check = AgentCheckSchema.parse(answer);
      print(command, options.json ? JSON.stringify(check, null, 2) : textOf(check));
    });
}

function refreshCommand(): Command {
  return new Command('refresh')
    .description('fetch the published lists of address ranges now')
    .option('--accept-changes', 'accept lists whose size differs greatly from the last good ones')
    .addOption(formatOption())
    .action(async (options: { acceptChanges?: true; format: OutputFormat }, command: Command) => {
      const body = { acceptChanges: options.acceptChanges === true };
      const answer = await withAdminApi((api) => api.ask('POST', '/v1/agents/refresh', body));
      printRows(
        command,
        options.format,
        LISTS,
        z.object({ items: z.array(AgentListSchema) }).parse(answer).items,
      );
    });
}

function checkedBy({ ranges, rdns, signatureAgents }: Agent): string {
  const ways = [
    ranges.length > 0 ? 'ranges' : null,
    rdns.length > 0 ? 'names' : null,
    signatureAgents.length > 0 ? 'signatures' : null,
  ];
  return ways.filter((way) => way !== null).join(', ');
}

function textOf({ address, agent, operator, verdict, by, steps }: Check): string {
  const lines = steps.map(({ check, source, finding }) => `  ${check} ${source}: ${finding}`);
  const proof = by === null ? '' : ` by ${by}`;
  return [`${address} claims ${agent} of ${operator}: ${verdict}${proof}`, ...lines].join('\n');
}

function print(command: Command, text: string): void {
  command.configureOutput().writeOut?.(`${text}\n`);
}
