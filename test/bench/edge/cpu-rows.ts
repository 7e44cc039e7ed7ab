/**
 * CPU per request of every Worker, in interleaved rounds. The result is the ratio to the bare Worker of the same
 * round.
 */

import { median } from '../load.ts';
import type { Page } from '../pages.ts';
import type { Row } from '../report.ts';
import type { EdgeServer } from './edge-server.ts';
import { driveHot } from './hot.ts';
import { pacedMicros } from './pace.ts';

export interface Measured {
  readonly server: EdgeServer;
  /** Maximum ratio to the CPU of the bare Worker. */
  readonly bar?: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
}

/** Number of warm-up runs, after which the just-in-time compilers are done. */
const WARM_UPS = 4;

/** @param bare runs first in each round, whatever the others are compared with. */
export async function hotRows(
  bare: EdgeServer,
  others: readonly Measured[],
  page: Page,
  rounds: Rounds,
): Promise<Row[]> {
  const micros = (server: EdgeServer) => driveHot(server, page.path, rounds.seconds);
  const all = [{ server: bare }, ...others];
  for (const { server } of all) for (let run = 0; run < WARM_UPS; run++) await micros(server);
  const label = `under load, ${page.label}`;
  return rowsOf(label, all, rounds, async (server) => {
    // Code that was idle during the other runs is slow at first.
    await micros(server);
    return (await micros(server)).cpuMicrosPerRequest;
  });
}

/** A few requests a second, each with its own object call. */
export async function quietRows(
  bare: EdgeServer,
  others: readonly Measured[],
  page: Page,
  rounds: Rounds,
): Promise<Row[]> {
  const label = `quiet, ${page.label}`;
  return rowsOf(label, [{ server: bare }, ...others], rounds, (server) =>
    pacedMicros(server, page.path, rounds.seconds * 3),
  );
}

async function rowsOf(
  label: string,
  all: readonly Measured[],
  { rounds }: Rounds,
  measure: (server: EdgeServer) => Promise<number>,
): Promise<Row[]> {
  const micros = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { server }] of all.entries()) micros[index]!.push(await measure(server));
  }
  return all.map(({ server, bar }, index) => {
    const row = {
      measured: `${label}: ${server.name}`,
      figure: `${median(micros[index]!).toFixed(0)} µs CPU/request`,
    };
    if (index === 0) return row;
    const ratio = median(micros[index]!.map((value, round) => value / micros[0]![round]!));
    const held = { ...row, against: all[0]!.server.name, ratio };
    return bar === undefined ? held : { ...held, bar: { kind: 'at most', ratio: bar } };
  });
}
