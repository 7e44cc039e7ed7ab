/**
 * CPU and added latency at rates that leave the machine mostly idle, and the activity of an idle process. Requests
 * are sent on schedule, whatever the answers do.
 */

import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Running } from './contender.ts';
import { CONNECTIONS, median } from './load.ts';
import { nginx } from './native-proxies.ts';
import { startOrigin } from './origin.ts';
import { pages } from './pages.ts';
import { nginxLuaC } from './peers.ts';
import { postmeterOnServers } from './postmeter.ts';
import { available, type Options, startContender } from './proxies.ts';
import type { Row } from './report.ts';

const page = pages[0]!;
/** Requests a second, and the maximum ratio of our CPU to that of nginx. */
const rates = [
  { perSecond: 50, seconds: 10, bar: 4 },
  { perSecond: 500, seconds: 5, bar: 3 },
  { perSecond: 2_000, seconds: 3, bar: undefined },
] as const;
type Rate = (typeof rates)[number];
const latencyBar = { perSecond: 500, ratio: 2, plusMs: 0.1 };
const IDLE_SECONDS = 10;
/** Kept connections close and the garbage is collected some seconds after the last request. */
const SETTLE_MS = 15_000;
const idleBar = { wakesPerSecond: 10, cpuMsPerSecond: 2 };
const WARM_UP_SECONDS = 5;

interface Taken {
  readonly cpuMicros: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

interface Entrant {
  readonly contender: Contender;
  readonly running: Running;
}

export async function benchRates(options: Options): Promise<Row[]> {
  const origin = await startOrigin(options.folder);
  const entrants: Entrant[] = [];
  try {
    for (const contender of available([nginx, nginxLuaC, postmeterOnServers], options))
      entrants.push({ contender, running: await startContender(contender, origin.url, options) });
    for (const { running } of entrants) await openLoop(running, 1_000, WARM_UP_SECONDS);
    const rows: Row[] = [];
    for (const rate of rates) rows.push(...(await rateRows(rate, origin, entrants, options)));
    for (const entrant of entrants) rows.push(await idleRow(entrant));
    return rows;
  } finally {
    await Promise.all([origin, ...entrants.map(({ running }) => running)].map((server) => server.stop()));
  }
}

async function rateRows(rate: Rate, origin: Running, entrants: Entrant[], options: Options): Promise<Row[]> {
  const direct: Taken[] = [];
  const taken = entrants.map((): Taken[] => []);
  for (let round = 1; round <= options.rounds; round++) {
    options.say(`${rate.perSecond}/s, round ${round} of ${options.rounds}`);
    direct.push(await take(origin, rate));
    for (const [index, { running }] of entrants.entries()) taken[index]!.push(await take(running, rate));
  }
  const base = medianOf(direct);
  const figures = taken.map(medianOf);
  const yardstick = figures[0]!;
  return entrants.flatMap(({ contender }, index) => {
    const figure = figures[index]!;
    const addedMs = figure.medianMs - base.medianMs;
    const measured = `${rate.perSecond}/s, ${page.label}: ${contender.name}`;
    const isOurs = contender.role === 'postmeter';
    const cpu: Row = {
      measured,
      figure: `${figure.cpuMicros.toFixed(0)} µs CPU/request`,
      against: 'nginx',
      ratio: figure.cpuMicros / yardstick.cpuMicros,
      ...(isOurs && rate.bar !== undefined ? { bar: { kind: 'at most', ratio: rate.bar } } : {}),
    };
    const mostMs = latencyBar.ratio * (yardstick.medianMs - base.medianMs) + latencyBar.plusMs;
    const latency: Row = {
      measured,
      figure: `+${addedMs.toFixed(2)} ms median, +${(figure.p99Ms - base.p99Ms).toFixed(2)} ms p99`,
      ...(isOurs && rate.perSecond === latencyBar.perSecond
        ? {
            bar: {
              kind: addedMs <= mostMs ? 'met' : 'missed',
              text: `median at most ${mostMs.toFixed(2)} ms`,
            },
          }
        : {}),
    };
    return [cpu, latency];
  });
}

async function take(server: Running, { perSecond, seconds }: Rate): Promise<Taken> {
  const before = server.cpuMicros();
  const latencies = await openLoop(server, perSecond, seconds);
  const cpuMicros = (server.cpuMicros() - before) / latencies.length;
  latencies.sort((a, b) => a - b);
  const quantile = (part: number) => latencies[Math.floor(part * latencies.length)]!;
  return { cpuMicros, medianMs: quantile(0.5), p99Ms: quantile(0.99) };
}

function medianOf(taken: readonly Taken[]): Taken {
  const of = (field: keyof Taken) => median(taken.map((one) => one[field]));
  return { cpuMicros: of('cpuMicros'), medianMs: of('medianMs'), p99Ms: of('p99Ms') };
}

async function idleRow({ contender, running }: Entrant): Promise<Row> {
  await sleep(SETTLE_MS);
  const [cpuBefore, wakesBefore] = [running.cpuMicros(), running.wakes()];
  await sleep(IDLE_SECONDS * 1_000);
  const cpuMs = (running.cpuMicros() - cpuBefore) / 1_000 / IDLE_SECONDS;
  const wakes = (running.wakes() - wakesBefore) / IDLE_SECONDS;
  const isMet = wakes <= idleBar.wakesPerSecond && cpuMs <= idleBar.cpuMsPerSecond;
  return {
    measured: `idle: ${contender.name}`,
    figure: `${cpuMs.toFixed(1)} ms CPU/s, ${wakes.toFixed(0)} wake-ups/s`,
    ...(contender.role === 'postmeter'
      ? {
          bar: {
            kind: isMet ? 'met' : 'missed',
            text: `at most ${idleBar.cpuMsPerSecond} ms, ${idleBar.wakesPerSecond}`,
          },
        }
      : {}),
  };
}

/** Sends requests at a rate on kept connections. @returns the milliseconds of each, unordered. */
function openLoop(server: Running, perSecond: number, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const count = perSecond * seconds;
  const latencies: number[] = [];
  return new Promise<number[]>((resolve, reject) => {
    const send = () => {
      const sentMs = performance.now();
      const request = get(server.url + page.path, { agent, headers: { ...server.headers } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${server.url} answered ${response.statusCode}.`));
        response.resume().on('end', () => {
          latencies.push(performance.now() - sentMs);
          if (latencies.length === count) resolve(latencies);
        });
      });
      request.on('error', reject);
    };
    const startMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      for (
        const due = ((performance.now() - startMs) * perSecond) / 1_000;
        sent < due && sent < count;
        sent++
      )
        send();
      if (sent === count) clearInterval(timer);
    }, 1);
  }).finally(() => agent.destroy());
}
