/** The chart of a rolling total against its threshold, with what it says as a sentence, and as a table. */

import type { z } from 'zod';
import type { ChartSchema } from '../../admin/routes/clients/client-chart.ts';
import { drawWindow, type WindowDrawing } from '../../chart/window-chart.ts';
import { counted } from '../../report/counted.ts';
import type { PageContext } from '../context.ts';
import { type Column, DataTable } from './table.tsx';
import { Count, grouped, Moment } from './value.tsx';

type Chart = z.output<typeof ChartSchema>;

/** Units of the drawing. The plot is stretched to the width of the page; texts are not. */
const WIDTH = 1000;
const HEIGHT = 260;
const LABEL_HEIGHT = 22;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_HOURLY_MS = 3 * DAY_MS;

const SENTENCE_ID = 'chart-sentence';

export function WindowChart({ c, chart, api }: { c: PageContext; chart: Chart; api: string }) {
  const [fromMs, toMs] = [Date.parse(chart.from), Date.parse(chart.to)];
  const drawn = drawWindow(seriesOf(chart), WIDTH, HEIGHT);
  const points = chart.points.map(({ min, max, posts }) => [min, max, posts]);
  return (
    <figure
      class="chart"
      aria-labelledby={SENTENCE_ID}
      data-api={api}
      data-from={fromMs}
      data-to={toMs}
      data-step={chart.stepSeconds * 1000}
      data-points={JSON.stringify(points)}
    >
      <figcaption id={SENTENCE_ID}>{sentenceOf(chart)}</figcaption>
      <div class="plot">
        <svg width="100%" height={HEIGHT + LABEL_HEIGHT} role="img" aria-label={sentenceOf(chart)}>
          <Drawing drawn={drawn} isDaily={toMs - fromMs > MAX_HOURLY_MS} />
        </svg>
      </div>
      <output class="hint" />
      <Legend chart={chart} />
      <details>
        <summary>As a table</summary>
        <DataTable
          c={c}
          caption={`By ${toMs - fromMs > MAX_HOURLY_MS ? 'day' : 'hour'}. Times are UTC; each row is from its time to the next.`}
          columns={ROW_COLUMNS}
          rows={rowsOf(chart, toMs - fromMs > MAX_HOURLY_MS ? DAY_MS : HOUR_MS)}
        />
      </details>
    </figure>
  );
}

function seriesOf(chart: Chart) {
  const span = ({ from, to }: { from: string; to: string }) => ({
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
  });
  return {
    ...span(chart),
    columns: chart.points.map(({ at, min, max }) => ({ atMs: Date.parse(at), min, max })),
    thresholds: chart.threshold.map(({ value, ...of }) => ({ ...span(of), threshold: value })),
    over: chart.over.map(span),
    breaches: chart.breaches.map(span),
    gaps: chart.gaps.map(span),
    tariffsMs: changesOf(chart).map(({ from }) => Date.parse(from)),
  };
}

/** The versions that begin within the range. */
function changesOf(chart: Chart): Chart['tariffs'] {
  return chart.tariffs.filter(({ from }) => from > chart.from);
}

function Drawing({ drawn, isDaily }: { drawn: WindowDrawing; isDaily: boolean }) {
  const percent = (x: number) => `${(x / WIDTH) * 100}%`;
  return (
    <>
      <defs>
        <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path class="hatch" d="M0 0V7" />
        </pattern>
      </defs>
      {drawn.gaps.map(({ x, width }) => (
        <rect class="gap" x={percent(x)} width={percent(width)} height={HEIGHT} />
      ))}
      {drawn.breaches.map(({ x, width }) => (
        <rect class="breach" x={percent(x)} width={percent(width)} height={HEIGHT} fill="url(#hatch)" />
      ))}
      {drawn.valueTicks.map(({ at }) => (
        <line class="grid" x1="0" x2="100%" y1={at} y2={at} />
      ))}
      <svg
        aria-hidden="true"
        width="100%"
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
      >
        <path class="spread" d={drawn.spread} />
        <path class="line" d={drawn.line} />
        <path class="over" d={drawn.over} />
      </svg>
      {drawn.thresholds.map(({ x, width, y }) => (
        <line class="threshold" x1={percent(x)} x2={percent(x + width)} y1={y} y2={y} />
      ))}
      {drawn.tariffs.map((x) => (
        <line class="tariff" x1={percent(x)} x2={percent(x)} y1="0" y2={HEIGHT} />
      ))}
      <line class="cursor" x1="0" x2="0" y1="0" y2={HEIGHT} visibility="hidden" />
      {drawn.valueTicks.map(({ at, value }) => (
        <text x="4" y={Math.max(11, at - 4)}>
          {grouped(String(value))}
        </text>
      ))}
      {drawn.thresholds.slice(-1).map(({ y, threshold }) => (
        <text class="threshold" x="100%" dx="-4" y={y < 16 ? y + 14 : y - 5} text-anchor="end">
          threshold {grouped(String(threshold))}
        </text>
      ))}
      {drawn.timeTicks.map(({ at, value }, index) => (
        <text
          class={index % 2 === 0 ? 'time' : 'time between'}
          x={percent(at)}
          y={HEIGHT + 15}
          text-anchor={at < WIDTH * 0.03 ? 'start' : at > WIDTH * 0.97 ? 'end' : 'middle'}
        >
          {tickText(value, isDaily)}
        </text>
      ))}
    </>
  );
}

/** The time of day, or the date at midnight. */
function tickText(atMs: number, isDaily: boolean): string {
  const text = new Date(atMs).toISOString();
  return isDaily || atMs % DAY_MS === 0 ? text.slice(5, 10) : text.slice(11, 16);
}

/** What the chart says, for those who do not see it. */
function sentenceOf(chart: Chart): string {
  const moment = (at: string) => at.slice(0, 16).replace('T', ' ');
  const count = (value: number) => grouped(String(value));
  const peak = `The largest total is ${count(chart.peak.total)} posts, at ${moment(chart.peak.at)}.`;
  if (chart.peak.total === 0) return 'The client took no posts in this range.';
  const thresholds = [...new Set(chart.threshold.map(({ value }) => count(value)))];
  if (thresholds.length === 0) return `${peak} No threshold applies.`;
  const [first, last] = [chart.over[0], chart.over.at(-1)];
  const name = `the threshold of ${thresholds.join(', later ')} posts`;
  if (first === undefined || last === undefined) return `The total stays within ${name}. ${peak}`;
  const times = chart.over.length === 1 ? '' : `, ${chart.over.length} times`;
  const until = last.to === chart.to ? 'until the end of the range' : `to ${moment(last.to)}`;
  return `The total exceeds ${name} from ${moment(first.from)} ${until}${times}. ${peak}`;
}

function Legend({ chart }: { chart: Chart }) {
  const changes = changesOf(chart);
  if (chart.breaches.length + chart.gaps.length + changes.length === 0) return null;
  return (
    <ul class="legend">
      {chart.breaches.map(({ id, from, to, state }) => (
        <li>
          <span class="key breach" aria-hidden="true" /> <a href={`#row-${id}`}>Breach</a>, {state}:{' '}
          <Moment at={from} /> to <Moment at={to} />
        </li>
      ))}
      {changes.map(({ from, version, isOwn, kind }) => (
        <li>
          <span class="key tariff" aria-hidden="true" /> {isOwn ? 'Own tariff' : 'Default tariff'} v{version},{' '}
          {kind}: since <Moment at={from} />
        </li>
      ))}
      {chart.gaps.map(({ from, to, responses, posts }) => (
        <li>
          <span class="key gap" aria-hidden="true" /> Not metered for any client: <Moment at={from} /> to{' '}
          <Moment at={to} />, {counted(responses, 'response')}, {counted(posts, 'post')}
        </li>
      ))}
    </ul>
  );
}

type Row = Chart['points'][number];

const ROW_COLUMNS: ReadonlyArray<Column<Row>> = [
  { head: 'From (UTC)', cell: ({ at }) => <Moment at={at} /> },
  { head: 'Posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  { head: 'Smallest total', isFigure: true, cell: ({ min }) => <Count value={min} /> },
  { head: 'Largest total', isFigure: true, cell: ({ max }) => <Count value={max} /> },
];

/** The points of each hour or day together. */
function rowsOf({ points }: Chart, lengthMs: number): Row[] {
  const rows = new Map<number, Row>();
  for (const point of points) {
    const key = Math.floor(Date.parse(point.at) / lengthMs);
    const row = rows.get(key);
    rows.set(
      key,
      row === undefined
        ? point
        : {
            at: row.at,
            min: Math.min(row.min, point.min),
            max: Math.max(row.max, point.max),
            posts: row.posts + point.posts,
          },
    );
  }
  return [...rows.values()];
}
