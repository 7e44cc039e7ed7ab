/** Looks for slow starts of Postmeter: several of them next to nginx, and the slowest compared with their median. */

import { median } from './load.ts';
import { nginx } from './native-proxies.ts';
import { pages } from './pages.ts';
import { postmeterOnServers, starts } from './postmeter.ts';
import { benchContenders, type Options } from './proxies.ts';
import { proxyRows } from './proxy-rows.ts';
import type { Row } from './report.ts';

const COUNT = 6;

export async function benchStarts(options: Options): Promise<Row[]> {
  const figures = await benchContenders([nginx, ...starts(postmeterOnServers, COUNT)], pages, options);
  return pages.flatMap((page) => {
    const micros = figures.slice(1).map((figure) => figure.micros.get(page.label)!);
    const worst = Math.max(...micros);
    const spread: Row = {
      measured: `${page.label}: the worst of ${COUNT} starts`,
      figure: `${worst.toFixed(1)} µs CPU/request`,
      against: 'their median',
      ratio: worst / median(micros),
      bar: { kind: 'at most', ratio: 1.15 },
    };
    return [...proxyRows(page, figures), spread];
  });
}
