/** `postmeter count`: prints how many posts the gateway would count in a response body on standard input. */

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { sha256Hex } from '../../adapters/crypto/sha256-hex.ts';
import { type Decision, decide } from '../../count/count-decision.ts';
import type { CountResult } from '../../count/counter.ts';
import { Explanation } from '../../count/explanation.ts';
import { GraphqlRequest } from '../../count/graphql/request.ts';
import { matchRoute } from '../../count/route/match.ts';
import type { RouteMatch } from '../../count/route/rule.ts';
import { responseHeaders } from '../../forward/response-headers.ts';
import { readConfigFile } from '../config-file.ts';
import { UsageError } from '../usage-error.ts';
import { countBody } from './count-body.ts';
import { readHeader } from './options/header-option.ts';

/** The default of `count.maxRequestBytes`. */
const MAX_REQUEST_BYTES = 256 * 1024;

const MORE_HELP = `
Prints {"posts":N,"by":"header, none, or the format such as json"}, or {"uncounted":"REASON"} if the gateway could not
count the body. A stream with invalid frames has both. With --status 101, the body consists of the WebSocket frames
that the platform sends.

  curl -s -H 'Accept-Encoding: gzip' URL | postmeter count --path /2/tweets/search/recent \\
    --header 'Content-Encoding: gzip' --config postmeter.config.json`;

interface CountOptions {
  readonly config?: string;
  readonly path: string;
  readonly method?: string;
  readonly requestBody?: string;
  readonly status: number;
  readonly header: readonly string[];
  readonly explain?: true;
}

/** @param body the response body to count. Default: standard input. */
export function countCommand(body: AsyncIterable<Uint8Array> = process.stdin): Command {
  return new Command('count')
    .description('count the posts of one response as the gateway would; body on standard input, prints JSON')
    .option('--config <file>', 'configuration (default: $POSTMETER_CONFIG or ./postmeter.config.json)')
    .requiredOption('--path <path>', 'path and query of the request', readPath)
    .option(
      '--method <method>',
      'method of the request (default: GET, or POST with --request-body)',
      (text) => text.toUpperCase(),
    )
    .option('--request-body <file>', 'body of the request (needed for GraphQL routes)')
    .option('--status <status>', 'status of the response', readStatus, 200)
    .option('--header <line>', "header of the response, 'name: value'; may be repeated", readHeader, [])
    .option('--explain', 'print the matched rule, the hits per selector and the skipped items')
    .addHelpText('after', MORE_HELP)
    .action(async (options: CountOptions, command: Command) => {
      const { config, routes } = readConfigFile(options.config ?? process.env.POSTMETER_CONFIG);
      const fields = responseHeaders(options.header, config.count.header.toLowerCase(), null);
      const method = options.method ?? (options.requestBody === undefined ? 'GET' : 'POST');
      const match = matchRoute(routes, method, options.path);
      const asked = readRequest(method, options);
      const decision = decide(method, options.status, fields, match, asked);
      const explanation = new Explanation();
      const { observerOf } = explanation;
      const limits = { maxDecodedBytes: config.count.maxDecodedBytes, wantsIds: false };
      const result = await countBody({ decision, limits, body, header: options.header, observerOf });
      const shown = answerOf(decision, explanation, result);
      const answer = options.explain ? { ...shown, ...explained(match, explanation) } : shown;
      command.configureOutput().writeOut?.(`${JSON.stringify(answer, null, options.explain ? 2 : 0)}\n`);
    });
}

/** The valid frames of a stream count even if others are invalid. */
function answerOf(decision: Decision, { rule }: Explanation, { posts, uncounted }: CountResult): object {
  const counted = { posts, by: decision.kind === 'declared' ? 'header' : (rule?.format ?? 'none') };
  if (uncounted === undefined) return counted;
  return rule?.isStream ? { ...counted, uncounted } : { uncounted };
}

/** Returns the rules that match the request, the one that read the response, and the hits of its selectors. */
function explained(match: RouteMatch, explanation: Explanation): object {
  const fitting = match.map(({ name }) => name);
  if (explanation.rule === null) return { route: null, fitting };
  return { route: explanation.rule.name, fitting, selectors: explanation.selectors() };
}

/** Parses the request as the gateway would if it had no Content-Type. */
function readRequest(method: string, { path, requestBody }: CountOptions): GraphqlRequest {
  const request = new GraphqlRequest(method, path, [], sha256Hex, MAX_REQUEST_BYTES);
  if (requestBody !== undefined) request.write(readRequestBody(requestBody));
  request.end();
  return request;
}

function readRequestBody(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--request-body ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function readPath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('Use a path that starts with /.');
  return text;
}

function readStatus(text: string): number {
  if (!/^[1-5]\d\d$/.test(text)) throw new InvalidArgumentError('Use a status from 100 to 599.');
  return Number(text);
}
