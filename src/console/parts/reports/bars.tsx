/** Bars of a report with their axis. The report's table says the same in figures. */

import { drawBars } from '../../../chart/bars.ts';
import type { BarSeries } from '../../../report/finance/chart.ts';
import { grouped } from '../value.tsx';

const WIDTH = 720;
const HEIGHT = 160;
/** Room for the labels of the axes. */
const MARGIN = { left: 116, top: 16, right: 12, bottom: 34 };
const VIEW = [
  ...[-MARGIN.left, -MARGIN.top],
  ...[WIDTH + MARGIN.left + MARGIN.right, HEIGHT + MARGIN.top + MARGIN.bottom],
].join(' ');
/** Labels that fit below the bars. On a narrow page, those of the class `between` are left out. */
const MAX_LABELS = 12;
const MAX_NARROW_LABELS = 4;

/** @param what the figure: "Net by month". @param unit of the figure, such as the currency; empty without one. */
export function Bars({ bars, what, unit }: Pick<BarSeries, 'bars'> & { what: string; unit: string }) {
  if (bars.length === 0) return null;
  const values = bars.map(({ value }) => value);
  const drawing = drawBars(values, WIDTH, HEIGHT);
  const highest = bars.reduce((most, bar) => (bar.value > most.value ? bar : most));
  const sentence = `${what}: at most ${grouped(String(highest.value))}${unit === '' ? '' : ` ${unit}`} (${highest.label}).`;
  const every = Math.ceil(bars.length / MAX_LABELS);
  const everyNarrow = every * Math.ceil(bars.length / every / MAX_NARROW_LABELS);
  return (
    <figure class="limit-curve bars">
      <figcaption>{sentence}</figcaption>
      <svg role="img" aria-label={sentence} viewBox={VIEW}>
        {drawing.ticks.map(({ at, value }) => (
          <>
            <path class="grid" d={`M0 ${at}H${WIDTH}`} />
            <text x="-8" y={at + 4} text-anchor="end">
              {grouped(String(value))}
            </text>
          </>
        ))}
        {drawing.bars.map(({ x, y, width, height }, index) => (
          <>
            <rect x={x} y={y} width={width} height={height} />
            {index % every === 0 ? (
              <text
                class={index % everyNarrow === 0 ? undefined : 'between'}
                x={x + width / 2}
                y={HEIGHT + 24}
                text-anchor="middle"
              >
                {bars[index]!.label}
              </text>
            ) : null}
          </>
        ))}
      </svg>
    </figure>
  );
}
