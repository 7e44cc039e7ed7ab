/** Bars of a report with their axis. The report's table says the same in figures. */

import { drawBars } from '../../../chart/bars.ts';
import type { BarSeries } from '../../../report/finance/chart.ts';
import { grouped } from '../value.tsx';

const WIDTH = 720;
const HEIGHT = 160;
/** Room for the labels of the axes. */
const MARGIN = { left: 84, top: 10, right: 12, bottom: 26 };
const VIEW = [
  ...[-MARGIN.left, -MARGIN.top],
  ...[WIDTH + MARGIN.left + MARGIN.right, HEIGHT + MARGIN.top + MARGIN.bottom],
].join(' ');
/** Labels that fit below the bars. */
const MAX_LABELS = 12;

/** @param what the figure: "Net by month". */
export function Bars({ series, what }: { series: BarSeries; what: string }) {
  const { currency, bars } = series;
  if (bars.length === 0) return null;
  const values = bars.map(({ value }) => value);
  const drawing = drawBars(values, WIDTH, HEIGHT);
  const unit = currency === null ? '' : ` ${currency}`;
  const highest = bars.reduce((most, bar) => (bar.value > most.value ? bar : most));
  const sentence = `${what}: at most ${grouped(String(highest.value))}${unit} (${highest.label}).`;
  const every = Math.ceil(bars.length / MAX_LABELS);
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
              <text x={x + width / 2} y={HEIGHT + 18} text-anchor="middle">
                {bars[index]!.label}
              </text>
            ) : null}
          </>
        ))}
      </svg>
    </figure>
  );
}
