/**
 * High load for a long time, with slow readers and all faults in turn: `npm run soak -- --minutes 20`. It exits with
 * 1 if memory or open files of the gateways grow, if a client of a living gateway is not served, or if the counts do
 * not match at the end.
 */

import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { until } from '../support/until.ts';
import { misfits, releaseRewinds } from './books.ts';
import { ALL_FAULTS, fillingDisk, gatewayKilled, killing, ledgerSetBack } from './faults.ts';
import { descriptorsOf, residentBytes } from './processes.ts';
import { strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { type Site, startSite } from './site.ts';
import { differences } from './verify.ts';

interface Sample {
  readonly seconds: number;
  readonly fault: string;
  readonly responses: number;
  /** Memory of each gateway that is never killed. */
  readonly mebibytes: readonly number[];
  readonly descriptors: readonly number[];
}

/** The first two are never killed, and are measured. The third one is killed repeatedly, and its disk fills. */
const LIVING = [0, 1];
const dying = () => 2;
const FAULTS = [
  ...ALL_FAULTS.filter((fault) => fault !== gatewayKilled),
  killing(dying),
  fillingDisk(dying),
  ledgerSetBack,
];
const MAX_FAULT_MS = 2_000;
const SAMPLE_MS = 2_000;
/** Maximum growth from the median of the first third to that of the last. More counts as a leak. */
const MAX_GROWTH = { mebibytes: 48, descriptors: 24 };
/** Caches fill and the compiler is busy in this share of the time. */
const WARM_UP = 0.15;

/** Pages of 4 MB at some 640 KB/s exceed the socket buffers, so the gateway has to pause the platform. */
const SLOW = { posts: 300_000, readPauseMs: 100 };

const print = (text: string) => process.stdout.write(`${text}\n`);
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, 'pause-ms': { type: 'string', default: '0' } },
});
const minutes = Number(values.minutes);
const pauseMs = Number(values['pause-ms']);
if (!(minutes > 0)) throw new RangeError(`--minutes is not a number above 0: ${values.minutes}`);
if (!(pauseMs >= 0))
  throw new RangeError(`--pause-ms is not a number of milliseconds: ${values['pause-ms']}`);

const faults = await soak(minutes * 60_000);
for (const fault of faults) print(`FAILED: ${fault}`);
print(faults.length === 0 ? 'The soak passed.' : `The soak failed in ${faults.length} ways.`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function soak(durationMs: number): Promise<string[]> {
  const site = await startSite({
    gateways: 3,
    clients: ['alpha', 'beta', 'gamma', 'delta'],
    config: { journal: { onFailure: 'refuse' }, billing: { intervalSeconds: 5 } },
  });
  try {
    return await soakSite(site, durationMs);
  } finally {
    await site.stop();
  }
}

async function soakSite(site: Site, durationMs: number): Promise<string[]> {
  const chance = chanceFor('soak');
  const load = site.load({
    gateways: () => LIVING.map((at) => site.gateways[at]!.url),
    each: 4,
    aborted: 0.02,
    pauseMs,
  });
  const slow = site.load({
    gateways: () => LIVING.map((at) => site.gateways[at]!.url),
    each: 4,
    slow: SLOW,
  });
  site.load({ gateways: () => [site.gateways[2]!.url], each: 1, pauseMs: 10 });
  await until('the load runs', () => load.responses() > 1_000);
  const samples: Sample[] = [];
  let current = '';
  const begun = performance.now();
  const sampling = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    samples.push({ seconds, fault: current, responses: load.responses(), ...measured(site) });
  }, SAMPLE_MS);
  let rounds = 0;
  try {
    while (performance.now() - begun < durationMs) {
      for (const fault of chance.shuffled(FAULTS)) {
        if (performance.now() - begun > durationMs) break;
        current = fault.name;
        rounds++;
        await strikeInTurn({ site, load, chance, faults: [fault], maxMs: MAX_FAULT_MS });
      }
    }
  } finally {
    clearInterval(sampling);
    printSamples(samples);
  }
  await Promise.all(site.loads.map((one) => one.stop()));
  await site.healed();
  await releaseRewinds(site);
  const sent = [...site.origin.sent.values()].reduce((sum, posts) => sum + posts, 0);
  print(
    `${rounds} faults, ${load.responses()} responses from the living and ${slow.responses()} to slow readers, ` +
      `${sent} posts sent by the origin`,
  );
  return [
    ...[...load.failed, ...slow.failed]
      .slice(0, 10)
      .map(({ why }) => `a client of a living gateway was not served: ${why}`),
    ...growth(samples, 'mebibytes'),
    ...growth(samples, 'descriptors'),
    ...(await misfits(site, 'between')),
    ...(await differences(site)),
  ];
}

function measured(site: Site): Pick<Sample, 'mebibytes' | 'descriptors'> {
  const pids = LIVING.map((at) => site.gateways[at]!.process.pid!);
  return {
    mebibytes: pids.map((pid) => Math.round(residentBytes(pid) / 2 ** 20)),
    descriptors: pids.map(descriptorsOf),
  };
}

/** Prints some forty of them at most. */
function printSamples(samples: readonly Sample[]): void {
  const table = new Table({
    head: ['s', 'responses', 'MiB', 'open files', 'during'],
    style: { head: [], border: [], compact: true },
  });
  const step = Math.max(1, Math.floor(samples.length / 40));
  for (let at = 0; at < samples.length; at += step) {
    const { seconds, responses, mebibytes, descriptors, fault } = samples[at]!;
    table.push([seconds, responses, mebibytes.join(', '), descriptors.join(', '), fault]);
  }
  print(table.toString());
}

function growth(samples: readonly Sample[], what: keyof typeof MAX_GROWTH): string[] {
  const warm = samples.slice(Math.ceil(samples.length * WARM_UP));
  const third = Math.floor(warm.length / 3);
  if (third === 0) return [`too short to say how ${what} grow`];
  return LIVING.flatMap((at) => {
    const [first, last] = [warm.slice(0, third), warm.slice(-third)].map((part) =>
      median(part.map((sample) => sample[what][at]!)),
    ) as [number, number];
    print(`gateway ${at}, ${what}: median ${first} in the first third, ${last} in the last`);
    return last - first > MAX_GROWTH[what]
      ? [`${what} of gateway ${at} grew from ${first} to ${last}; bound ${MAX_GROWTH[what]}`]
      : [];
  });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}
