/** `postmeter rate`: applies the billing rule to a CSV file of usage and a tariff, offline. It prints JSON. */

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { findBreaches, type RatedBreach } from '../../tariff/breach.ts';
import { countsUnique } from '../../tariff/counted.ts';
import { licenceMonths, type RatedMonth } from '../../tariff/licence.ts';
import { sumOfLines } from '../../tariff/lines.ts';
import { formatMoney } from '../../tariff/money.ts';
import { cutToBuckets, type PostsAt, sumOf } from '../../tariff/posts.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../tariff/tariff.ts';
import { parseTariff } from '../../tariff/terms.ts';
import { timelineOf } from '../../tariff/timeline.ts';
import { UsageError } from '../usage-error.ts';
import { readUsage } from './usage-csv.ts';

const MORE_HELP = `
USAGE.csv starts with the header client,at,posts ("-" reads standard input). at is ISO 8601 with a time zone, or epoch
seconds. Rows may be in any order; they are summed by client and bucket.

FILE.json may contain threshold, price (decimal text), block, basis ("all" or "excess"), rounding ("prorated",
"completed" or "started"), currency, windowSeconds and onThreshold ("bill" or "refuse"). Omitted fields have their
defaults. Posts under "refuse" are not billed; their breaches have the member "unbilledReason". With "kind": "licence"
(and "included"), each client gets "months" with the posts beyond the included ones of each calendar month, and no
breaches. With "kind": "exempt", every amount is zero. "count" must be "deliveries", because a file has no post ids.`;

export function rateCommand(): Command {
  return new Command('rate')
    .description('apply the billing rule to a file of usage, offline; prints JSON')
    .argument('<usage>', 'CSV file with the columns client,at,posts, or - for standard input')
    .option('--tariff <file>', 'tariff as JSON (default: the default tariff)')
    .option('--bucket-seconds <seconds>', 'length of a bucket: 1, 10 or 60', readBucketSeconds, 60)
    .addHelpText('after', MORE_HELP)
    .action(
      async (usageFile: string, options: { tariff?: string; bucketSeconds: number }, command: Command) => {
        const tariff =
          options.tariff === undefined
            ? DEFAULT_TARIFF
            : await readTariff(options.tariff, options.bucketSeconds);
        const usage = await readUsageFile(usageFile, options.bucketSeconds);
        const clients = [...usage.keys()].sort(byCodePoint);
        const rated = clients.map((client) =>
          rateClient(client, usage.get(client)!, tariff, options.bucketSeconds),
        );
        command.configureOutput().writeOut?.(`${JSON.stringify({ clients: rated }, null, 2)}\n`);
      },
    );
}

async function readTariff(file: string, bucketSeconds: number): Promise<Tariff> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UsageError(`${file}: cannot be read (${cause.message}); name a readable file`, { cause });
  });
  const parsed = parseTariff(parseJson(text, file), bucketSeconds);
  if (parsed.ok && countsUnique(parsed)) {
    const reason = 'count is "unique", which needs post ids, but a file of usage has none';
    throw new UsageError(`${file}: ${reason}; use "deliveries", or omit it`);
  }
  if (parsed.ok) return parsed.tariff;
  const problems = parsed.problems.map(
    ({ field, reason, hint }) => `${file}: ${field === '' ? 'the tariff' : field} ${reason}; ${hint}`,
  );
  throw new UsageError(problems.join('\n'));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${file}: is not JSON (${reason}); write one object`, { cause });
  }
}

async function readUsageFile(file: string, bucketSeconds: number): Promise<Map<string, PostsAt[]>> {
  const name = file === '-' ? 'standard input' : file;
  try {
    return await readUsage(file === '-' ? process.stdin : createReadStream(file), bucketSeconds);
  } catch (cause) {
    if (cause instanceof UsageError) throw new UsageError(`${name}: ${cause.message}`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${name}: cannot be read (${reason}); name a readable file`, { cause });
  }
}

function rateClient(client: string, rows: readonly PostsAt[], tariff: Tariff, bucketSeconds: number) {
  const always = { id: 'file', clientId: null, version: 1, validFromMs: 0, tariff };
  const periods = timelineOf(client, [always], bucketSeconds);
  const usage = cutToBuckets(rows, bucketSeconds);
  const breaches = findBreaches(usage, periods, bucketSeconds);
  const months = licenceMonths(usage, periods, bucketSeconds);
  const currency = tariff.kind === 'exempt' ? DEFAULT_TARIFF.currency : tariff.currency;
  const lines = [...breaches, ...months].flatMap((billed) => billed.lines);
  return {
    client,
    posts: sumOf(usage),
    amount: formatMoney(sumOfLines(lines), currency),
    currency,
    breaches: breaches.map(showBreach),
    ...(tariff.kind === 'licence' ? { months: months.map((month) => showMonth(month, currency)) } : {}),
  };
}

function showBreach(breach: RatedBreach) {
  return {
    from: showTime(breach.fromMs),
    to: showTime(breach.toMs),
    posts: breach.posts,
    billedPosts: breach.billedPosts,
    ...(breach.unbilledReason && { unbilledReason: breach.unbilledReason }),
    peakPosts: breach.peakPosts,
    peakAt: showTime(breach.peakAtMs),
    amount: formatMoney(breach.amountMinor, breach.currency),
  };
}

function showMonth(month: RatedMonth, currency: string) {
  return {
    month: showTime(month.monthMs).slice(0, 7),
    posts: month.posts,
    included: month.included,
    billedPosts: month.billedPosts,
    amount: formatMoney(sumOfLines(month.lines), currency),
  };
}

function showTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Compares by code point, as UTF-8 bytes do. JavaScript's own order puts U+FFFD after an emoji. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function readBucketSeconds(text: string): number {
  if (!['1', '10', '60'].includes(text)) throw new InvalidArgumentError('Use 1, 10 or 60.');
  return Number(text);
}
