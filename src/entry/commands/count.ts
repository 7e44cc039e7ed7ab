/** `postmeter count`: how many posts the gateway would count in one response. Its body is read from standard input. */

import { Command, InvalidArgumentError } from 'commander';
import { nodeDecoders } from '../../adapters/node/decoders.ts';
import { type Counter, type CountResult, createCounter } from '../../count/counter.ts';
import { type Decision, decide } from '../../count/outcome.ts';
import { matchRoute } from '../../count/route/match.ts';
import { responseHeaders } from '../../forward/response-headers.ts';
import { readConfigFile } from '../config-file.ts';

const MORE_HELP = `
Prints {"posts":N,"by":"header|json|none"}, or {"uncounted":"why"} where the gateway could not tell.

  curl -s -H 'Accept-Encoding: gzip' URL | postmeter count --path /2/tweets/search/recent \\
    --header 'Content-Encoding: gzip' --config postmeter.config.json`;

interface CountOptions {
  readonly config?: string;
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly header: readonly string[];
}

/** @param body what is counted. */
export function countCommand(body: AsyncIterable<Uint8Array> = process.stdin): Command {
  return new Command('count')
    .description('count the posts of one response as the gateway would; body on standard input, prints JSON')
    .option('--config <file>', 'configuration (default: $POSTMETER_CONFIG or ./postmeter.config.json)')
    .requiredOption('--path <path>', 'path of the request, with its query', readPath)
    .option('--method <method>', 'method of the request', (text) => text.toUpperCase(), 'GET')
    .option('--status <status>', 'status of the response', readStatus, 200)
    .option('--header <line>', "header of the response, 'name: value'; may be repeated", readHeader, [])
    .addHelpText('after', MORE_HELP)
    .action(async (options: CountOptions, command: Command) => {
      const { config, routes } = readConfigFile(options.config ?? process.env.POSTMETER_CONFIG);
      const fields = responseHeaders(options.header, config.count.header.toLowerCase(), null);
      const match = matchRoute(routes, options.method, options.path);
      const decision = decide(options.method, options.status, fields, match);
      const result = await countBody(decision, body, config.count.maxDecodedBytes);
      const shown =
        result.uncounted === undefined
          ? { posts: result.posts, by: sourceOf(decision) }
          : { uncounted: result.uncounted };
      command.configureOutput().writeOut?.(`${JSON.stringify(shown)}\n`);
    });
}

/** Where the number comes from. */
function sourceOf(decision: Decision): string {
  if (decision.kind === 'declared') return 'header';
  return decision.kind === 'scan' ? decision.rule.format : 'none';
}

async function countBody(
  decision: Decision,
  body: AsyncIterable<Uint8Array>,
  maxDecodedBytes: number,
): Promise<CountResult> {
  let onDrain = () => {};
  const limits = { maxDecodedBytes, wantsIds: false };
  const counter: Counter = createCounter(decision, nodeDecoders, limits, () => onDrain());
  if (decision.kind === 'scan') {
    for await (const chunk of body) {
      const drained = new Promise<void>((resolve) => {
        onDrain = resolve;
      });
      if (!counter.write(chunk)) await drained;
    }
  }
  return new Promise((resolve) => counter.end(resolve));
}

function readPath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('Write a path that begins with /.');
  return text;
}

function readStatus(text: string): number {
  if (!/^[1-5]\d\d$/.test(text)) throw new InvalidArgumentError('Write a status from 100 to 599.');
  return Number(text);
}

/** Names and values in one flat list, as they come from a connection. */
function readHeader(line: string, before: readonly string[]): readonly string[] {
  const form = /^([^\s:]+):\s*(.*?)\s*$/.exec(line);
  if (form === null) throw new InvalidArgumentError("Write 'name: value'.");
  return [...before, form[1]!, form[2]!];
}
