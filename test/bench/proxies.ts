/** CPU microseconds per request of every contender in front of the same origin, in interleaved rounds. */

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/services/free-port.ts';
import type { Contender, Running, Served } from './contender.ts';
import { CONNECTIONS, drive, median, type Sample } from './load.ts';
import { hasCommand, provide } from './machine.ts';
import { caddy, haproxy, nginx, nginxWithBuffers } from './native-proxies.ts';
import { nodeProxies } from './node-proxies.ts';
import { startOrigin } from './origin.ts';
import { declaredPath, type Page, pages } from './pages.ts';
import { peers } from './peers.ts';
import { postmeters } from './postmeter.ts';
import { type Figure, proxyRows } from './proxy-rows.ts';
import type { Row } from './report.ts';

const contenders: readonly Contender[] = [
  nginx,
  nginxWithBuffers,
  haproxy,
  caddy,
  ...nodeProxies,
  ...peers,
  ...postmeters,
];

/** Warm-up CPU time for each page, after which the just-in-time compilers are done. */
const WARM_UP_MICROS = 5_000_000;
/** Maximum number of warm-up runs, because a busy machine may never reach that CPU time. */
const MAX_WARM_UPS = 12;
/** Maximum attempts of a run, because the server may not answer at all on a busy machine. */
const MAX_ATTEMPTS = 3;

export interface Options {
  /** The folder of all servers. Its creator removes it. */
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Path of the Node that runs ours. */
  readonly node: string;
  say(line: string): void;
}

/** A started contender, with the CPU microseconds per request of each round, by label of the page. */
interface Entrant {
  readonly contender: Contender;
  readonly running: Running;
  readonly micros: Map<string, number[]>;
  readonly served: Served;
}

export async function benchProxies(options: Options): Promise<Row[]> {
  const figures = await benchContenders(contenders, pages, options);
  return pages.flatMap((page) => proxyRows(page, figures));
}

/** @returns the medians of all contenders whose requirements this machine meets. */
export async function benchContenders(
  contenders: readonly Contender[],
  pages: readonly Page[],
  options: Options,
): Promise<Figure[]> {
  const origin = await startOrigin(options.folder);
  const entrants = await startAll(contenders, origin.url, options);
  try {
    for (let round = 0; round <= options.rounds; round++) {
      options.say(round === 0 ? 'warm-up' : `round ${round} of ${options.rounds}`);
      for (const entrant of entrants) {
        for (const page of pages) {
          if (round === 0) await warmUp(entrant, page);
          else await measure(entrant, page, options.seconds);
        }
      }
    }
    for (const { running, served } of entrants) await running.verify?.(served);
    return entrants.map(({ contender, micros }) => ({
      contender,
      micros: new Map([...micros].map(([label, values]) => [label, median(values)])),
    }));
  } finally {
    await Promise.all([origin, ...entrants.map(({ running }) => running)].map((server) => server.stop()));
  }
}

async function startAll(
  contenders: readonly Contender[],
  originUrl: string,
  options: Options,
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const contender of available(contenders, options)) {
    const running = await startContender(contender, originUrl, options);
    entrants.push({ contender, running, micros: new Map(), served: { posts: 0, cutPosts: 0 } });
  }
  return entrants;
}

/** Returns the contenders whose requirements this machine meets. Reports why the others are skipped. */
export function available(contenders: readonly Contender[], { say }: Options): Contender[] {
  const missing = provide(contenders.flatMap(({ packages = [] }) => packages));
  return contenders.filter(({ name, packages = [], command }) => {
    const reason =
      command === undefined || hasCommand(command)
        ? packages.map((needed) => missing.get(needed)).find((why) => why !== undefined)
        : `${command} is not on PATH.`;
    if (reason !== undefined) say(`${name} is left out. ${reason}`);
    return reason === undefined;
  });
}

export async function startContender(
  contender: Contender,
  originUrl: string,
  { folder: parent, node }: Options,
): Promise<Running> {
  const folder = mkdtempSync(join(parent, 'contender-'));
  const originPort = Number(new URL(originUrl).port);
  return contender.start({ originUrl, originPort, node, folder, port: await freePort() });
}

async function warmUp(entrant: Entrant, page: Page): Promise<void> {
  await checkCoding(entrant, page);
  const until = entrant.running.cpuMicros() + WARM_UP_MICROS;
  for (let runs = 0; runs < MAX_WARM_UPS && entrant.running.cpuMicros() < until; runs++)
    await run(entrant, page, 1);
}

/**
 * V8 discards code that has not run for some seconds, and every contender waits for all the others. A gateway that
 * was idle for 20 s takes twice the CPU in its first second. A run before the measured one restores the code.
 */
async function measure(entrant: Entrant, page: Page, seconds: number): Promise<void> {
  const { contender, micros } = entrant;
  await run(entrant, page, seconds);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const sample = await run(entrant, page, seconds);
    if (sample.requests === 0) continue;
    micros.set(page.label, [...(micros.get(page.label) ?? []), sample.cpuMicrosPerRequest]);
    return;
  }
  throw new Error(`${contender.name} answered nothing in ${MAX_ATTEMPTS} runs.`);
}

async function run({ contender, running, served }: Entrant, page: Page, seconds: number): Promise<Sample> {
  const path = contender.declared ? declaredPath(page) : page.path;
  const sample = await drive(running, path, headersOf(running, page), seconds);
  served.posts += sample.requests * page.posts;
  served.cutPosts += CONNECTIONS * page.posts;
  return sample;
}

function headersOf({ headers }: Running, { coding }: Page): Readonly<Record<string, string>> {
  return { ...headers, ...(coding === undefined ? {} : { 'accept-encoding': coding.name }) };
}

/** Checks the coding of a response, because wrk does not. */
async function checkCoding({ contender, running, served }: Entrant, page: Page): Promise<void> {
  if (page.coding === undefined) return;
  const response = await fetch(running.url + page.path, { headers: headersOf(running, page) });
  await response.arrayBuffer();
  served.posts += page.posts;
  const coding = response.headers.get('content-encoding');
  if (coding !== page.coding.name) throw new Error(`${contender.name} sent ${coding} for ${page.label}.`);
}
