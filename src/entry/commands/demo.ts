/** `postmeter demo`: runs a platform behind the gateway and a scraper that takes 2.6 million posts, and shows the invoice. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { parseConfig } from '../../config/parse.ts';
import type { LoadedConfig } from '../config-file.ts';
import { type DemoApi, demoApi } from '../demo/api.ts';
import { ALERTS_PATH, PAGE_SIZE, startPlatform } from '../demo/platform.ts';
import { scrape, waitForKey } from '../demo/scraper.ts';
import { showAlerts, showConsole, showEnd, showIssued, showLeap, showResult } from '../demo/story.ts';
import { readEnvironment } from '../environment.ts';
import { openLog } from '../logs/log.ts';
import { startNode } from '../node.ts';
import { shutdownSignal } from '../signals.ts';

const CONFIG = {
  routes: [{ name: 'recent search', path: '/2/tweets/search/recent', posts: [{ json: '$.data[*]' }] }],
  billing: { intervalSeconds: 1, latenessSeconds: 0 },
  // The platform's webhook is on this machine.
  receivers: { allowPrivate: true },
};

/** The total stays over the threshold for one window, and the breach closes one window later. */
const AHEAD_HOURS = 49;
const HOUR_MS = 3_600_000;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'run a sample platform, a scraper that exceeds the limit, and issue its invoice; keeps only its PDF',
    )
    .option('--posts <number>', 'number of posts that the scraper takes', readPosts, 2_600_000)
    .option('--once', 'exit when the invoice is issued instead of continuing to run')
    .action(async ({ posts, once }: { posts: number; once?: true }, command: Command) => {
      const say = (text: string): void => command.configureOutput().writeOut?.(`${text}\n`);
      const dataDir = await mkdtemp(join(tmpdir(), 'postmeter-demo-'));
      try {
        await run(dataDir, posts, once === true, say);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    });
}

async function run(
  dataDir: string,
  posts: number,
  once: boolean,
  say: (text: string) => void,
): Promise<void> {
  const alerts: string[] = [];
  const platform = await startPlatform((alert) => alerts.push(alert));
  say(`The platform listens on ${platform.url}; its search returns posts in the list "data".`);
  const adminToken = randomBytes(16).toString('hex');
  const { PORT, ADMIN_PORT } = process.env;
  const env = readEnvironment({
    PORT,
    ADMIN_PORT,
    HOST: '127.0.0.1',
    UPSTREAM: platform.url,
    ADMIN_TOKEN: adminToken,
    DATA_DIR: dataDir,
  });
  let aheadMs = 0;
  const billingAheadMs = () => aheadMs;
  const postmeter = await startNode(env, demoConfig(), openLog('error'), { billingAheadMs });
  try {
    const urls = {
      gateway: `http://127.0.0.1:${postmeter.port}`,
      admin: `http://127.0.0.1:${postmeter.adminPort}`,
    };
    const api = demoApi(urls.admin, adminToken);
    const apiKey = await api.makeClient('acme-ai', 'Acme AI Research');
    await api.addReceiver(platform.url + ALERTS_PATH);
    await waitForKey(urls.gateway, apiKey);
    say(`Postmeter listens in front of it on ${urls.gateway}.`);
    showConsole(urls.admin, adminToken, say);
    say('A scraper with an API key starts:\n');
    const startMs = Date.now();
    const taken = await scrapeWithBar(urls.gateway, apiKey, posts);
    const seconds = (Date.now() - startMs) / 1000;
    const result = await resultOf(api, taken);
    showResult(result, taken, seconds, say);
    if (result.breach !== undefined) {
      await crossingTold(alerts);
      showAlerts(alerts, say);
      showLeap(AHEAD_HOURS, say);
      aheadMs = AHEAD_HOURS * HOUR_MS;
      const { number, path } = await issued(api);
      showIssued(number, path, say);
    }
    if (once) return;
    showEnd(urls, adminToken, apiKey, say);
    await shutdownSignal();
    say('\nStopping.');
  } finally {
    await postmeter.stop();
    platform.server.closeAllConnections();
    platform.server.close();
  }
}

async function scrapeWithBar(gatewayUrl: string, apiKey: string, posts: number): Promise<number> {
  const bar = new SingleBar({
    format: '  {bar} {percentage}%  {taken} of {wanted} posts',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    // Without a terminal, print a line from time to time to show progress.
    noTTYOutput: true,
    notTTYSchedule: 5_000,
  });
  const payload = (taken: number) => ({
    taken: taken.toLocaleString('en'),
    wanted: posts.toLocaleString('en'),
  });
  bar.start(posts, 0, payload(0));
  try {
    return await scrape(gatewayUrl, apiKey, posts, (taken) => bar.update(taken, payload(taken)));
  } finally {
    bar.stop();
  }
}

/** Waits until the usage is in the ledger and billed. Each of the two takes up to a second. */
async function resultOf(api: DemoApi, taken: number) {
  for (;;) {
    const result = await api.result();
    if (result.breach === undefined || result.invoice === undefined) {
      if ((await api.ledgerPosts()) >= taken && taken <= 1_000_000) return result;
    } else if (result.breach.posts >= taken) return result;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Waits until billing has closed the breach, and issues its invoice. The PDF is kept. */
async function issued(api: DemoApi): Promise<{ readonly number: number; readonly path: string }> {
  await api.addParties();
  for (;;) {
    const { breach, invoice } = await api.result();
    if (breach?.state === 'closed' && invoice !== undefined) {
      const { number, fileName, pdf } = await api.issue(invoice.id);
      const path = join(await mkdtemp(join(tmpdir(), 'postmeter-invoice-')), fileName);
      await writeFile(path, pdf);
      return { number, path };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The total is compared with its levels every few seconds. */
async function crossingTold(alerts: readonly string[]): Promise<void> {
  while (!alerts.some((alert) => alert.includes('"client.crossed"'))) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function demoConfig(): LoadedConfig {
  const result = parseConfig(JSON.stringify(CONFIG));
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'));
  return result;
}

function readPosts(text: string): number {
  const posts = Number(text);
  if (Number.isSafeInteger(posts) && posts > 0 && posts <= 3_000_000 && posts % PAGE_SIZE === 0) return posts;
  throw new InvalidArgumentError(`Use a multiple of ${PAGE_SIZE} up to 3000000.`);
}
