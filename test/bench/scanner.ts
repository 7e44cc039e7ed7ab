/**
 * Megabytes per second of the scanner compared with JSON.parse. The bar is for a decoded string, which favours
 * JSON.parse. The second figure is for the body's bytes, like in the gateway.
 */

import { parseJsonPath } from '../../src/count/json/automaton/path.ts';
import { planJson } from '../../src/count/json/automaton/plan-json.ts';
import { JsonScanner } from '../../src/count/json/scanner.ts';
import { jsonSkipper } from '../../src/count/json/skip/resumable-skipper.ts';
import { PostCount } from '../../src/count/post-count.ts';
import { parseWhere } from '../../src/count/where.ts';
import { median } from './load.ts';
import { type Page, pageBody, pages } from './pages.ts';
import type { Options } from './proxies.ts';
import type { Row } from './report.ts';

const bar = { kind: 'at least', ratio: 3 } as const;
/** The size of a chunk that a socket delivers. */
const CHUNK_BYTES = 16_384;
/**
 * A page of 100 posts like WordPress sends it. It is too large for the proxies' bench, which would measure the
 * kernel.
 */
const largePage: Page = { path: '/posts/640', posts: 640, label: '640 posts, 372 KB' };
/** Warm-up rounds, after which the compiler is done. */
const WARM_UPS = 2;

export async function benchScanner({ rounds }: Options): Promise<Row[]> {
  return [...pages, largePage].flatMap((page) => [
    ...pageRows(page, rounds),
    ...pageRows(page, rounds, { test: 'lang == "en"' }),
    ...pageRows(page, rounds, { id: 'id' }),
    ...pageRows(page, rounds, { id: 'conversation_id' }),
    ...pageRows(page, rounds, { test: 'withheld is absent' }),
    ...pageRows(page, rounds, { path: '$..public_metrics' }),
  ]);
}

/** What is read of each post. Both variants make the scanner read into the posts. */
interface Reads {
  /** Where the posts are, if not in the list. */
  readonly path?: string;
  readonly test?: string;
  readonly id?: string;
}

function pageRows({ label, posts }: Page, rounds: number, reads: Reads = {}): Row[] {
  const text = pageBody(posts);
  const body = Buffer.from(text);
  const works = [
    scanOf(body, reads),
    () => JSON.parse(text).data.length,
    () => JSON.parse(body.toString()).data.length,
  ];
  for (const work of works)
    if (work() !== posts) throw new Error(`${work()} of ${posts} posts were counted.`);
  const speeds = works.map((): number[] => []);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const megabytes = speed(work, body.length);
      if (round >= 0) speeds[index]!.push(megabytes);
    }
  }
  const [scanned, parsed, decoded] = speeds.map(median) as [number, number, number];
  const row = {
    measured: `scanner, ${label}${namesOf(reads)}`,
    figure: `${scanned.toFixed(0)} MB/s`,
  };
  return [
    { ...row, against: `JSON.parse, ${parsed.toFixed(0)} MB/s`, ratio: scanned / parsed, bar },
    { ...row, against: `JSON.parse of bytes, ${decoded.toFixed(0)} MB/s`, ratio: scanned / decoded },
  ];
}

function namesOf({ path, test, id }: Reads): string {
  const found = path === undefined ? '' : `, ${path}`;
  return `${found}${test === undefined ? '' : `, ${test}`}${id === undefined ? '' : `, ids in ${id}`}`;
}

function scanOf(body: Buffer, { path: text = '$.data[*]', test, id }: Reads): () => number {
  const plan = planJson([
    {
      path: parseJsonPath(text),
      rule: 0,
      ...(test === undefined ? {} : { where: parseWhere(test) }),
      ...(id === undefined ? {} : { id: [id] }),
    },
  ]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) chunks.push(body.subarray(at, at + CHUNK_BYTES));
  return () => {
    const found = new PostCount([{ text, kind: 'post', counts: true }], id !== undefined);
    const scanner = new JsonScanner(plan, jsonSkipper, found);
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
    return scanner.failure === undefined ? found.posts : Number.NaN;
  };
}

/** Measures over a fifth of a second of CPU time, which excludes time in which the process does not run. */
function speed(work: () => number, bytes: number): number {
  const begin = process.cpuUsage();
  for (let done = 0; ; ) {
    for (let run = 0; run < 20; run++) work();
    done += 20 * bytes;
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= 200_000) return done / (user + system);
  }
}
