import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rateLimiter } from '../../src/adapters/memory/rates.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { type GatewayListener, startGateway } from '../../src/entry/gateway-listener.ts';
import type { Metering } from '../../src/entry/metering.ts';
import { NO_KNOWLEDGE } from '../../src/identify/asker/unchecked.ts';
import { buildDirectory } from '../../src/identify/directory.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { GatewayCounters } from '../../src/report/gateway-counters.ts';
import { NO_STATES } from '../../src/rights/state.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';
import { type Attack, attacks } from './attack.ts';
import { hostileOrigin, ROUTES, type Sent } from './hostile-origin.ts';
import { take } from './scraper.ts';
import { escapeOf, type Metered, servedTo } from './verdict.ts';

/** A nightly run makes 100,000 draws. */
const DRAWS = Number(process.env.ESCAPE_DRAWS ?? 2_000);
const MAX_REQUEST_BYTES = 4_096;

const sent: Sent[] = [];
const usage: Usage[] = [];
let origin: Origin;
const tally = new GatewayCounters();
let gateway: GatewayListener;
let attempts = 0;

beforeAll(async () => {
  origin = await startOrigin(hostileOrigin(sent));
  const count = { maxRequestBytes: MAX_REQUEST_BYTES };
  const parsed = parseConfig(JSON.stringify({ count, routes: ROUTES }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const directory = buildDirectory(
    { clients: [], identifiers: [], tariffs: [], policies: [], policyVersions: [] },
    60,
  );
  const metering = {
    totals: {
      total: (clientId: string) => ({ clientId, posts: 0, asOfMs: 0 }),
      firstWait: () => null,
      isKnown: () => true,
      degraded: false,
    },
    meter: {
      record: (one: Usage, released: (deliver: boolean) => void) => {
        usage.push(one);
        setImmediate(() => released(true));
      },
    },
    isFailing: () => false,
  } as unknown as Metering;
  gateway = await startGateway({
    config: parsed.config,
    routes: parsed.routes,
    upstreamUrl: origin.url,
    keySecret: Buffer.alloc(32),
    directory: () => directory,
    metering,
    pace: null,
    rates: rateLimiter(),
    knowledge: NO_KNOWLEDGE,
    rights: { asOf: null, statesOf: (subjects) => subjects.map(() => NO_STATES) },
    unreadiness: () => null,
    tally,
    nowMs: Date.now,
    port: 0,
    host: '127.0.0.1',
    log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await gateway.stop(100);
  await origin.stop();
});

const sum = (what: keyof Metered) => usage.reduce((total, one) => total + one[what], 0);

/** The attack must be counted, or refused before the platform receives it. */
async function demand(attack: Attack): Promise<void> {
  sent.length = 0;
  usage.length = 0;
  const number = String(attempts++);
  const target = `${attack.target}&attack=${number}`;
  const { statuses } = await take(gateway.port, { ...attack, target });
  // The usage of a client that left is written when the socket has closed.
  for (let turn = 0; tally.inFlight() > 0 && turn < 2_000; turn++) {
    await new Promise((resolve) => setTimeout(resolve, turn < 20 ? 0 : 5));
  }
  const metered = { posts: sum('posts'), uncounted: sum('uncounted'), refused: sum('refused') };
  expect(escapeOf(attack, servedTo(number, sent), metered, statuses)).toBeNull();
}

it(
  `counts or refuses whatever a client sends, in ${DRAWS} draws`,
  async () => {
    const seed = Number(process.env.ESCAPE_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`escape test: seed ${seed}\n`);
    await fc.assert(fc.asyncProperty(attacks, demand), { numRuns: DRAWS, seed, endOnFailure: false });
  },
  60_000 + DRAWS * 60,
);
