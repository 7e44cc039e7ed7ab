/**
 * Megabytes per second of counting posts in every format, compared with the parser that usually reads it. Each
 * receives the body's bytes; ours receives chunks, as from a socket.
 */

import { atprotoCases } from './formats/atproto.ts';
import type { FormatCase } from './formats/case.ts';
import { graphqlCases } from './formats/graphql.ts';
import { htmlCases } from './formats/html.ts';
import { jsonCases } from './formats/json.ts';
import { xmlCases } from './formats/xml.ts';
import { median } from './load.ts';
import type { Options } from './proxies.ts';
import type { Row } from './report.ts';

const bar = { kind: 'at least', ratio: 1 } as const;
/** Warm-up rounds, after which the compiler is done. */
const WARM_UPS = 2;

export async function benchFormats({ rounds, say }: Options): Promise<Row[]> {
  const cases = [...jsonCases(), ...graphqlCases(), ...xmlCases(), ...htmlCases(), ...atprotoCases()];
  const rows: Row[] = [];
  for (const formatCase of cases) {
    const measured = nameOf(formatCase);
    say(measured);
    const [counted, ...parsed] = await speedsOf(formatCase, rounds);
    for (const [index, { name }] of formatCase.usual.entries()) {
      const usual = parsed[index]!;
      rows.push({
        measured,
        figure: `${counted!.toFixed(0)} MB/s`,
        against: `${name}, ${usual.toFixed(0)} MB/s`,
        ratio: counted! / usual,
        bar,
      });
    }
  }
  return rows;
}

function nameOf({ label, posts, bytes }: FormatCase): string {
  return `${label}, ${posts} posts, ${(bytes / 1000).toFixed(0)} KB`;
}

/** Medians: ours first, then those of the usual parsers. */
async function speedsOf(formatCase: FormatCase, rounds: number): Promise<number[]> {
  const { bytes, posts, usual } = formatCase;
  const works = [() => formatCase.count(), ...usual.map((parser) => () => parser.posts())];
  const speeds = works.map((): number[] => []);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const found = await work();
      if (found !== posts) throw new Error(`${found} of ${posts} posts were found in ${nameOf(formatCase)}.`);
      const megabytes = await speed(work, bytes);
      if (round >= 0) speeds[index]!.push(megabytes);
    }
  }
  return speeds.map(median);
}

/** Measures over a fifth of a second of CPU time, which excludes time in which the process does not run. */
async function speed(work: () => number | Promise<number>, bytes: number): Promise<number> {
  const begin = process.cpuUsage();
  for (let done = 0; ; ) {
    for (let run = 0; run < 5; run++) await work();
    done += 5 * bytes;
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= 200_000) return done / (user + system);
  }
}
