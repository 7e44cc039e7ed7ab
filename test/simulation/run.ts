/** `npm run simulate -- --seed N --runs M [--verbose]`: one run after the other, each from its own seed. */

import { inspect, parseArgs } from 'node:util';
import { simulate } from './simulate.ts';
import { Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    /** Continues after a failure, and counts the failures. */
    'keep-going': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const firstSeed = Number(values.seed);
const runs = Number(values.runs);
if (!Number.isSafeInteger(firstSeed) || !Number.isSafeInteger(runs) || runs < 1) {
  throw new Error('--seed is a whole number, --runs one from 1 on');
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

const LAST_EVENTS = 80;
const RUNS_PER_WORD = 5_000;
// Each run creates hundreds of errors to signal failures. Their stack is useful only to a person who examines one run.
if (!values.verbose) Error.stackTraceLimit = 0;
const tally = new Tally();
const startedMs = performance.now();
let events = 0;
let done = 0;
// The process could exit while a run still waits.
process.on('exit', () => {
  if (done < runs && process.exitCode !== 1) {
    say(`seed ${firstSeed + done} fails: it waits for what never comes`);
    process.exitCode = 1;
  }
});
for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  const outcome = await simulate(seed, tally);
  events += outcome.events;
  done++;
  if (done % RUNS_PER_WORD === 0)
    say(`${done} runs in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  if (values.verbose) for (const line of outcome.trace) say(line);
  if (outcome.fault !== undefined && values['keep-going']) {
    process.exitCode = 1;
    say(`seed ${seed} fails: ${String(outcome.fault)}`);
  } else if (outcome.fault !== undefined) {
    if (!values.verbose) for (const line of outcome.trace.slice(-LAST_EVENTS)) say(line);
    say(`\nseed ${seed} fails: ${inspect(outcome.fault)}`);
    say(`again: npm run simulate -- --seed ${seed} --runs 1 --verbose`);
    process.exitCode = 1;
    break;
  }
}
const tookS = (performance.now() - startedMs) / 1000;
say(tally.lines().join('\n'));
const cpu = process.cpuUsage();
const cpuS = (cpu.user + cpu.system) / 1e6;
say(
  `${done} runs, ${events} events, ${(done / tookS).toFixed(0)} runs/s, ${(done / cpuS).toFixed(0)} runs per second of CPU`,
);
