/**
 * CPU microseconds per request if the origin compresses: the same page plain, in gzip and in br. Also the CPU of
 * decompression alone, synchronously on one thread, which any gateway that counts needs.
 */

import { nginx } from './native-proxies.ts';
import { type Coding, codings, type Page, pageBody, pages } from './pages.ts';
import { postmeterOnServers } from './postmeter.ts';
import { benchContenders, type Options } from './proxies.ts';
import { proxyRows } from './proxy-rows.ts';
import type { Row } from './report.ts';

const fullPage = pages.at(-1)!;

const codedPages: readonly Page[] = [
  fullPage,
  ...codings.map((coding): Page => ({ ...fullPage, label: `${fullPage.label} in ${coding.name}`, coding })),
];

export async function benchEncodings(options: Options): Promise<Row[]> {
  const figures = await benchContenders([nginx, postmeterOnServers], codedPages, options);
  return [...codedPages.flatMap((page) => proxyRows(page, figures)), ...codings.map(decodingRow)];
}

const DECODINGS = 3_000;

function decodingRow({ name, compress, decompress }: Coding): Row {
  const body = compress(pageBody(fullPage.posts));
  for (let done = 0; done < DECODINGS; done++) decompress(body); // Warm-up.
  const before = process.cpuUsage();
  for (let done = 0; done < DECODINGS; done++) decompress(body);
  const { user, system } = process.cpuUsage(before);
  const micros = (user + system) / DECODINGS;
  return { measured: `${fullPage.label} in ${name}: zlib alone`, figure: `${micros.toFixed(1)} µs CPU/body` };
}
