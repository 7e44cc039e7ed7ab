/** The figures of a route, which the list of routes and the hours of one route share. */

import type { RouteHoursJson, RouteJson } from '../../../admin/routes/routes.ts';
import type { Column } from '../../parts/table.tsx';
import { Count, None } from '../../parts/value.tsx';

type RouteFigures = Pick<RouteJson, keyof RouteJson & keyof RouteHoursJson['items'][number]>;

export function routeColumns<Row extends RouteFigures>(): Column<Row>[] {
  const count = (head: string, field: 'responses' | 'posts' | 'empty' | 'none' | 'checked' | 'differs') => ({
    ...{ head, field, isFigure: true },
    cell: (row: Row) => <Count value={row[field]} />,
  });
  return [
    count('Responses', 'responses'),
    count('Posts', 'posts'),
    {
      ...{ head: 'Posts a response', field: 'postsPerResponse', isFigure: true },
      cell: ({ postsPerResponse }) =>
        postsPerResponse === null ? <None /> : <Count value={postsPerResponse} />,
    },
    count('Without posts', 'empty'),
    count('Nothing to count', 'none'),
    {
      ...{ head: 'Uncounted', isFigure: true },
      cell: ({ uncounted }) => <Count value={uncounted.reduce((sum, { responses }) => sum + responses, 0)} />,
    },
    count('Checked', 'checked'),
    count('Differ', 'differs'),
  ];
}

/** Why responses could not be counted. */
export function Reasons({ of: { uncounted } }: { of: Pick<RouteFigures, 'uncounted'> }) {
  if (uncounted.length === 0) return null;
  const text = uncounted.map(({ reason, responses }) => `${reason} ${responses}`).join(', ');
  return (
    <p>
      <small>uncounted: {text}</small>
    </p>
  );
}
