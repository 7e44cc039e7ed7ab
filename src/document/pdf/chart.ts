/** The rolling total against its limit, with the breach shaded: the drawing of `src/chart` as vectors. */

import type { Tick } from '../../chart/scale.ts';
import { drawWindow, type WindowSeries } from '../../chart/window-chart.ts';
import { utcDateOf } from '../../receivable/date.ts';
import { dayText, momentText, numberText, postsText, utcTime } from '../format.ts';
import type { Claim } from '../input.ts';
import type { Pen } from './pen.ts';
import type { Element } from './sheet.ts';
import {
  ACCENT,
  ALERT,
  HAIRLINE,
  heightOf,
  LABEL,
  MUTED,
  SHADE,
  type TextStyle,
  UNMETERED,
} from './theme.ts';
import { windowText } from './window-text.ts';

const PLOT_HEIGHT = 130;
/** A short breach stays visible. */
const MIN_BAND_WIDTH = 2;
const AXIS_WIDTH = 62;
const AXIS_HEIGHT = 16;
const TICK: TextStyle = { size: 7, weight: 'regular', color: MUTED };
const DAY_MS = 86_400_000;
/** Longer charts have dates at their ticks, shorter ones times. */
const MAX_TIMES_MS = 3 * DAY_MS;

export function drawChart(pen: Pen, section: Element, claim: Claim, series: WindowSeries): void {
  const { sheet, texts } = pen;
  const words = texts.invoice;
  const captionHeight = heightOf(LABEL) + 10;
  sheet.y += 4;
  sheet.ensure(PLOT_HEIGHT + AXIS_HEIGHT + captionHeight + 18);
  drawLegend(pen, section, words.chart(windowText(claim, texts)), series.gaps.length > 0);
  const { left, width, y: top, doc } = sheet;
  const [x, plotWidth] = [left + AXIS_WIDTH, width - AXIS_WIDTH];
  const drawn = drawWindow(series, plotWidth, PLOT_HEIGHT);
  const end = top + PLOT_HEIGHT + AXIS_HEIGHT;
  const figure = { alt: altOf(claim, series, texts), bbox: [left, top, left + width, end] };
  sheet.element(section, 'Figure', figure).add(() => {
    for (const [bands, color] of [
      [drawn.breaches, SHADE],
      [drawn.gaps, UNMETERED],
    ] as const) {
      for (const band of bands) {
        doc.rect(x + band.x, top, Math.max(MIN_BAND_WIDTH, band.width), PLOT_HEIGHT).fill(color);
      }
    }
    for (const { at, value } of drawn.valueTicks) {
      doc.lineWidth(0.4).strokeColor(HAIRLINE);
      doc
        .moveTo(x, top + at)
        .lineTo(x + plotWidth, top + at)
        .stroke();
      const label = numberText(value, texts.signs);
      sheet.drawLines([label], TICK, left, top + at - heightOf(TICK) / 2, AXIS_WIDTH - 6, 'right');
    }
    doc.save().translate(x, top);
    doc.path(drawn.line).lineWidth(1).strokeColor(ACCENT).stroke();
    for (const { x: from, width: wide, y } of drawn.thresholds) {
      doc
        .moveTo(from, y)
        .lineTo(from + wide, y)
        .lineWidth(1)
        .dash(4, { space: 2 })
        .strokeColor(ALERT)
        .stroke();
      doc.undash();
    }
    doc.restore();
    drawTimes(pen, drawn.timeTicks, series, x, plotWidth, top + PLOT_HEIGHT);
  });
  sheet.y = end + 8;
}

function drawTimes(
  { sheet, texts }: Pen,
  ticks: readonly Tick[],
  { fromMs, toMs }: WindowSeries,
  x: number,
  width: number,
  y: number,
): void {
  let free = x;
  for (const { at, value } of ticks) {
    const isDated = toMs - fromMs > MAX_TIMES_MS || value % DAY_MS === 0;
    const label = isDated ? dayText(utcDateOf(value), texts.signs) : utcTime(value);
    const wide = sheet.widthOf(label, TICK);
    const from = Math.min(x + at - wide / 2, x + width - wide);
    if (from < free) continue;
    sheet.drawLines([label], TICK, from, y + 4, wide);
    free = from + wide + 6;
  }
}

/** Caption of the chart, then the meaning of its marks. */
function drawLegend({ sheet, texts }: Pen, section: Element, caption: string, hasGaps: boolean): void {
  const { invoice } = texts;
  const { doc, left, y, width } = sheet;
  sheet.text(section, caption, { style: LABEL, gap: 4, width: width / 2 });
  const end = sheet.y + 4;
  let x = left + width;
  const middle = y + heightOf(LABEL) / 2;
  for (const [label, color, isArea] of [
    ...(hasGaps ? ([[invoice.unmetered, UNMETERED, true]] as const) : []),
    [invoice.breach, SHADE, true],
    [invoice.threshold, ALERT, false],
    [invoice.rollingTotal, ACCENT, false],
  ] as const) {
    const wide = sheet.widthOf(label, LABEL);
    x -= wide;
    sheet.y = y;
    sheet.text(section, label, { style: LABEL, x, width: wide + 1 });
    sheet.artifact('Layout', () => {
      if (isArea) doc.rect(x - 14, middle - 3, 10, 6).fill(color);
      else
        doc
          .moveTo(x - 16, middle)
          .lineTo(x - 4, middle)
          .lineWidth(1.4)
          .strokeColor(color)
          .stroke();
    });
    x -= 28;
  }
  sheet.y = end;
}

function altOf(claim: Claim, series: WindowSeries, texts: Pen['texts']): string {
  const { signs } = texts;
  const highest = series.columns.reduce((most, column) => (column.max > most.max ? column : most));
  const peak = claim.breach ?? { peakPosts: highest.max, peakAtMs: highest.atMs };
  const limits = [...new Set(series.thresholds.map(({ threshold }) => postsText(threshold, signs)))];
  return texts.invoice.chartAlt(
    postsText(peak.peakPosts, signs),
    momentText(peak.peakAtMs, signs),
    limits.join(', '),
    momentText(series.fromMs, signs),
    momentText(series.toMs, signs),
  );
}
