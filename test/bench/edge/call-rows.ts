/** The use of Durable Objects by requests: calls with their bars, and the figures that prices are multiplied with. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '../pages.ts';
import type { Row } from '../report.ts';
import { between, type Counts, countsOf, objectRequests } from './counts.ts';
import { driveHot } from './hot.ts';
import { drivePaced } from './pace.ts';
import type { PostmeterWorker } from './postmeter-worker.ts';

/** Calls per request of a client that is not hot, and of a hot one (`BATCH_SIZE`). */
const QUIET_BAR = 1;
const HOT_BAR = 1 / 20;
/** Objects ship 5 s after the first new usage. */
const SHIPPED_MS = 8_000;

/** @param worker of `counted-worker.ts`. */
export async function callRows(worker: PostmeterWorker, page: Page, seconds: number): Promise<Row[]> {
  const quiet = await countedIn(worker, () => drivePaced(worker, page.path, seconds));
  const run = () => driveHot(worker, page.path, seconds);
  await run();
  // Measured during the load, because usage at its end has no other requests to share a call with.
  const loaded = driveHot(worker, page.path, seconds);
  await sleep(500);
  const before = await countsOf(worker.url);
  await sleep(seconds * 1000 - 1000);
  const during = between(before, await countsOf(worker.url));
  await loaded;
  await sleep(SHIPPED_MS);
  const hot = await countedIn(worker, run);
  return [
    callRow('quiet', quiet, QUIET_BAR),
    callRow('under load', during, HOT_BAR),
    ...costRows('quiet', quiet),
    ...costRows('under load', hot),
  ];
}

async function countedIn(worker: PostmeterWorker, load: () => Promise<unknown>): Promise<Counts> {
  const before = await countsOf(worker.url);
  await load();
  await sleep(SHIPPED_MS);
  return between(before, await countsOf(worker.url));
}

function callRow(label: string, { clientCalls, requests }: Counts, bar: number): Row {
  return {
    measured: `${label}: calls of a client's object`,
    figure: `${clientCalls} calls`,
    against: `${requests} requests`,
    ratio: clientCalls / requests,
    bar: { kind: 'at most', ratio: bar },
  };
}

function costRows(label: string, counts: Counts): Row[] {
  const perMillion = (number: number) => Math.round((number / counts.requests) * 1e6).toLocaleString('en');
  const seen = `${counts.requests} requests: ${counts.clientCalls} calls, ${counts.alarms} alarms, ${counts.ledgerCalls} ledger, ${counts.directoryCalls} directory`;
  return [
    {
      measured: `${label}: object requests per million of clients`,
      figure: perMillion(objectRequests(counts)),
      against: seen,
    },
    {
      measured: `${label}: rows written per million of clients`,
      figure: perMillion(counts.rowsWritten),
      against: `${counts.rowsWritten} rows`,
    },
  ];
}
