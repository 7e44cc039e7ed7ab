/** The curve of a what-if: how many clients exceed each threshold, drawn and as a table. */

import type { z } from 'zod';
import type { WhatIfSchema } from '../../../admin/routes/what-ifs/what-if-schemas.ts';
import { drawLimitCurve } from '../../../chart/limit-curve.ts';
import { counted } from '../../../report/counted.ts';
import type { PageContext } from '../../context.ts';
import { type Column, DataTable } from '../table.tsx';
import { Count, grouped } from '../value.tsx';
import { billedColumns } from './billed-columns.tsx';

type Curve = NonNullable<z.output<typeof WhatIfSchema>['result']>['curve'];

const WIDTH = 640;
const HEIGHT = 180;
/** Room for the labels of the axes. */
const MARGIN = { left: 56, top: 8, right: 24, bottom: 28 };
const VIEW = [
  ...[-MARGIN.left, -MARGIN.top],
  ...[WIDTH + MARGIN.left + MARGIN.right, HEIGHT + MARGIN.top + MARGIN.bottom],
].join(' ');

/** @param own the limit of the terms, which is one of the points. */
export function LimitCurve(props: {
  c: PageContext;
  curve: Curve;
  own: number;
  currency: string;
  api: string;
}) {
  const { c, curve, own, currency, api } = props;
  if (curve.length < 2) return null;
  const points = curve.map(({ limit, clients }) => ({ limit, value: clients }));
  const drawing = drawLimitCurve(points, own, WIDTH, HEIGHT);
  const at = curve.find(({ limit }) => limit === own);
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const sentence =
    `${counted(first.clients, 'client exceeds', 'clients exceed')} ${grouped(String(first.limit))}, ${counted(at?.clients ?? 0, 'exceeds', 'exceed')} ` +
    `${grouped(String(own))}, ${counted(last.clients, 'exceeds', 'exceed')} ${grouped(String(last.limit))}.`;
  return (
    <figure class="limit-curve" aria-labelledby="curve-sentence">
      <figcaption id="curve-sentence">{sentence}</figcaption>
      <svg role="img" aria-label={sentence} viewBox={VIEW}>
        {drawing.valueTicks.map(({ at: y, value }) => (
          <>
            <path class="grid" d={`M0 ${y}H${WIDTH}`} />
            <text x="-8" y={y + 4} text-anchor="end">
              {Number.isInteger(value) ? grouped(String(value)) : ''}
            </text>
          </>
        ))}
        <path class="own" d={`M${drawing.markedAt} 0V${HEIGHT}`} />
        <path class="line" d={drawing.line} />
        {drawing.limitTicks.map(({ at: x, value }, index) => (
          <text x={x} y={HEIGHT + 20} text-anchor={(['start', 'middle', 'end'] as const)[index]}>
            {grouped(String(value))}
          </text>
        ))}
      </svg>
      <details>
        <summary>The curve as a table</summary>
        <DataTable c={c} caption="Each limit" columns={columnsIn(currency)} rows={curve} api={api} />
      </details>
    </figure>
  );
}

function columnsIn(currency: string): ReadonlyArray<Column<Curve[number]>> {
  return [
    { head: 'Limit', field: 'limit', isFigure: true, cell: ({ limit }) => <Count value={limit} /> },
    { head: 'Clients', field: 'clients', isFigure: true, cell: ({ clients }) => <Count value={clients} /> },
    ...billedColumns(currency),
  ];
}
