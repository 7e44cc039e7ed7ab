/**
 * `npm run bench:edge [-- --rounds N] [--seconds N]`: compares the Worker in workerd with a bare one, and counts its
 * use of objects.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { bundleWorker, ROOT, type WorkerBundle } from '../support/edge/bundle.ts';
import { until } from '../support/until.ts';
import { BARE, HOLDING, startScript } from './edge/bare-worker.ts';
import { callRows } from './edge/call-rows.ts';
import { hotRows, quietRows } from './edge/cpu-rows.ts';
import type { EdgeServer } from './edge/edge-server.ts';
import {
  type PostmeterOptions,
  type PostmeterWorker,
  startPostmeterWorker,
} from './edge/postmeter-worker.ts';
import { GATEWAY_CORE, leaveGatewayCore, moveTo, provide } from './machine.ts';
import { startOrigin } from './origin.ts';
import { pages } from './pages.ts';
import { meets, type Row, renderTable } from './report.ts';

/**
 * Bars by page. A Worker that counts and commits takes at least 2.0 and 2.25 times the CPU of a bare one (measured).
 */
const CPU_BARS = [2.9, 3.2];
const BUNDLE_BAR_BYTES = 900_000;

const program = new Command('bench:edge')
  .description('Measures the Worker in workerd against one that only passes requests on.')
  .option('--rounds <n>', 'measured rounds after the warm-up; the median of their ratios counts', positive, 5)
  .option('--seconds <n>', 'length of one measured run', positive, 1);
const { rounds, seconds } = program.parse().opts<{ rounds: number; seconds: number }>();

const missing = provide(['wrk', 'nginx']);
if (missing.size > 0) program.error([...missing.values()].join('\n'));
leaveGatewayCore();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const say = (line: string) => void process.stderr.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'postmeter-bench-'));
const bundles: WorkerBundle[] = [];
const running: { stop(): Promise<void> }[] = [];
say(machine());
const rows: Row[] = [];
try {
  rows.push(...(await measureAll()));
} finally {
  for (const { stop } of running.reverse()) await stop();
  await Promise.all(bundles.map((bundle) => bundle.remove()));
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${machine()}\n${renderTable(rows)}\n`);
const missed = rows.filter((row) => meets(row) === false);
for (const row of missed) process.stdout.write(`${missText(row)}\n`);
const held = rows.filter((row) => meets(row) !== undefined).length;
process.stdout.write(`${held - missed.length} bars met, ${missed.length} missed.\n`);
process.exit(missed.length === 0 ? 0 : 1);

async function measureAll(): Promise<Row[]> {
  say('bundles ...');
  const product = await bundled();
  const counted = await bundled('counted-worker.ts');
  const isolate = await bundled('isolate-worker.ts');
  const origin = kept(await startOrigin(folder));
  const bare = measured(await startScript('bare Worker', BARE, origin.url));
  const holding = measured(await startScript('Worker that holds the body back', HOLDING, origin.url));
  const of = (name: string, bundle: WorkerBundle, more: Partial<PostmeterOptions> = {}) =>
    startPostmeterWorker({
      name,
      originUrl: origin.url,
      bundle: bundle.folder,
      durability: 'strict',
      ...more,
    });
  const strict = measured(await of('Postmeter, strict', product));
  const relaxed = measured(await of('Postmeter, relaxed', product, { durability: 'relaxed' }));
  const alone = measured(await of('Postmeter, its isolate alone', isolate, { script: 'isolate-worker.js' }));

  const found: Row[] = [bundleRow(product)];
  for (const [index, page] of pages.entries()) {
    say(`under load, ${page.label} ...`);
    const bar = CPU_BARS[index]!;
    const entrants = [{ server: strict, bar }, { server: relaxed }, { server: alone }, { server: holding }];
    found.push(...(await hotRows(bare, entrants, page, { rounds, seconds })));
  }
  say('quiet ...');
  const quiet = [{ server: strict }, { server: relaxed }];
  found.push(...(await quietRows(bare, quiet, pages[0]!, { rounds, seconds })));
  say('calls ...');
  const counting = kept(await of('Postmeter, counted', counted, { script: 'counted-worker.js' }));
  found.push(...(await callRows(counting, pages[0]!, Math.max(10, seconds))));
  await Promise.all([strict, relaxed].map(billsAll));
  return found;
}

async function bundled(script?: string): Promise<WorkerBundle> {
  const path = script === undefined ? undefined : join(ROOT, 'test/bench/edge', script);
  const bundle = await bundleWorker({ script: path });
  bundles.push(bundle);
  return bundle;
}

function kept<S extends { stop(): Promise<void> }>(server: S): S {
  running.push(server);
  return server;
}

/** The Worker has its own core. */
function measured<S extends EdgeServer>(server: S): S {
  moveTo(GATEWAY_CORE, server.pid);
  return kept(server);
}

/** A Worker that serves without metering would be fast, so the ledger is checked. */
async function billsAll(worker: PostmeterWorker): Promise<void> {
  await until(`the ledger has posts of ${worker.name}`, async () => (await worker.posts()) > 0);
}

function bundleRow({ gzipKib }: WorkerBundle): Row {
  const bytes = gzipKib * 1024;
  return {
    measured: 'bundle, compressed by gzip',
    figure: `${(bytes / 1000).toFixed(0)} KB`,
    against: '500 KB',
    ratio: bytes / BUNDLE_BAR_BYTES,
    bar: { kind: 'less than', ratio: 1 },
  };
}

function machine(): string {
  const cores = cpus();
  const busy = loadavg().map((load) => load.toFixed(1));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/workerd/package.json'), 'utf8')) as {
    version: string;
  };
  return `${cores.length} x ${cores[0]?.model.trim()}, Linux ${release()}, load ${busy.join(' ')}; workerd ${version}`;
}

function missText({ measured, ratio = Number.NaN, against, bar }: Row): string {
  const most = bar !== undefined && 'ratio' in bar ? `${bar.kind} ${bar.ratio}` : '';
  return `MISSED: ${measured}: ${ratio.toFixed(2)} to ${against}, must be ${most}.`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
