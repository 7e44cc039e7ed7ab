/**
 * Pages through real platforms behind the gateway and compares its ledger with the platforms' own numbers:
 * `npm run platforms -- --wordpress http://127.0.0.1:8081 --appview http://127.0.0.1:2584 --pds http://127.0.0.1:2583`.
 * `--published` is the number of posts that were ever published on the PDS. It exits with 1 on a difference.
 *
 * `--network WORDPRESS_SH` makes a network of three blogs with a script that installs WordPress, and holds it against the
 * opt-out of one blog. It needs root.
 */

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { appViewDoors, pdsDoors } from './bluesky.ts';
import type { Door, Walked } from './door.ts';
import { holdNetwork } from './network/hold.ts';
import { wordpressDoors } from './wordpress.ts';

const { values: platforms } = parseArgs({
  options: {
    wordpress: { type: 'string' },
    appview: { type: 'string' },
    pds: { type: 'string' },
    network: { type: 'string' },
    published: { type: 'string', default: '3000' },
  },
});

const SETTLE_MS = 30_000;
let differences = 0;

if (platforms.wordpress !== undefined) {
  // The platform reports the number of posts, so comments are switched off.
  const config = { platform: 'wordpress', count: { kinds: { reply: false } } };
  await hold(platforms.wordpress, config, wordpressDoors);
}
if (platforms.appview !== undefined) await hold(platforms.appview, { platform: 'bluesky' }, appViewDoors);
if (platforms.pds !== undefined) {
  const published = Number(platforms.published);
  await hold(platforms.pds, { platform: 'bluesky' }, (gateway, pds) => pdsDoors(gateway, pds, published));
}
if (platforms.network !== undefined) differences += await holdNetwork(resolve(platforms.network));
process.exitCode = differences === 0 ? 0 : 1;

/** Walks through every door as a separate client, by an address of its own. */
async function hold(
  upstream: string,
  config: Record<string, unknown>,
  doorsOf: (gatewayUrl: string, platformUrl: string) => Promise<readonly Door[]>,
): Promise<void> {
  const gateway = await startGatewayProcess({
    upstream,
    config: { ...config, trustedProxies: ['127.0.0.1'] },
  });
  try {
    const doors = await doorsOf(gateway.url, upstream);
    for (const [index, door] of doors.entries()) {
      const address = `10.2.0.${index + 1}`;
      report(door, await door.walk(address), await settledUsage(gateway, address, door.posts));
    }
  } finally {
    await gateway.stop();
  }
}

type Usage = Awaited<ReturnType<typeof usageOf>>;

/** The usage once it equals the expected one, or after a time-out. */
async function settledUsage(gateway: GatewayProcess, address: string, posts: number): Promise<Usage> {
  const untilMs = Date.now() + SETTLE_MS;
  for (;;) {
    const usage = await usageOf(gateway, `addr:${address}`);
    if (usage.posts >= posts || Date.now() > untilMs) return usage;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function report(door: Door, walked: Walked, usage: Usage): void {
  const isRight = usage.posts === door.posts && usage.uncounted === 0;
  if (!isRight) differences++;
  process.stdout.write(
    `${isRight ? 'equal' : 'DIFFERENT'}\t${door.name}\tplatform ${door.posts}\tledger ${usage.posts}\t` +
      `uncounted ${usage.uncounted}\t${walked.requests} requests\t${walked.bytes} bytes\n`,
  );
}
