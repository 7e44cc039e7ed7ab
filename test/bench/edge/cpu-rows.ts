/** CPU per request of every Worker, in rounds by turns: the ratios of each round to the bare Worker in it count. */

import { median } from '../load.ts';
import type { Page } from '../pages.ts';
import type { Row } from '../report.ts';
import type { EdgeServer } from './edge-server.ts';
import { driveHot } from './hot.ts';
import { pacedMicros } from './pace.ts';

export interface Measured {
  readonly server: EdgeServer;
  /** At most so many times the bare Worker's. */
  readonly bar?: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
}

/** Warmed by so many runs, until the just-in-time compilers have done their best. */
const WARM_UPS = 4;

/** @param bare the first of the Workers in each round, whatever they are held against. */
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
    // Code that has idled while the others had their turn is slow at first.
    await micros(server);
    return (await micros(server)).cpuMicrosPerRequest;
  });
}

/** A few requests a second, each with an object call of its own. */
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
