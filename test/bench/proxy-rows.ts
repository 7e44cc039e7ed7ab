/** The rows of one page: every contender against nginx, ours against the bars of the design (section 7). */

import type { Contender } from './contender.ts';
import type { Page } from './pages.ts';
import type { Row } from './report.ts';

export interface Figure {
  readonly contender: Contender;
  /** Median CPU microseconds per request, by label of the page. */
  readonly micros: ReadonlyMap<string, number>;
}

/** By posts of the page, where it is not compressed: at most so many times nginx's CPU. */
const bars: ReadonlyMap<number, number> = new Map([
  [20, 3],
  [100, 2.5],
]);

export function proxyRows(page: Page, figures: readonly Figure[]): Row[] {
  const micros = ({ micros }: Figure) => micros.get(page.label) ?? Number.NaN;
  const yardstick = figures.find(({ contender }) => contender.role === 'yardstick');
  const bar = page.coding === undefined ? bars.get(page.posts) : undefined;
  const rows = figures.map((figure): Row => {
    const row = { measured: `${page.label}: ${figure.contender.name}`, figure: text(micros(figure)) };
    if (yardstick === undefined) return row;
    const held = { ...row, against: 'nginx', ratio: micros(figure) / micros(yardstick) };
    const isHeld = figure.contender.role === 'postmeter' && bar !== undefined;
    return isHeld ? { ...held, bar: { kind: 'at most', ratio: bar } } : held;
  });
  const toBeat = figures.filter(({ contender }) => contender.role === 'beat');
  const cheapest = toBeat.toSorted((a, b) => micros(a) - micros(b))[0];
  if (cheapest === undefined) return rows;
  const beaten = figures
    .filter(({ contender }) => contender.role === 'postmeter')
    .map(
      (figure): Row => ({
        measured: `${page.label}: ${figure.contender.name}`,
        figure: text(micros(figure)),
        against: cheapest.contender.name,
        ratio: micros(figure) / micros(cheapest),
        bar: { kind: 'less than', ratio: 1 },
      }),
    );
  return [...rows, ...beaten];
}

function text(micros: number): string {
  return `${micros.toFixed(1)} µs CPU/request`;
}
